"""`/api/v2/hooks`: what other programs tell us when they have done something; a module each."""
