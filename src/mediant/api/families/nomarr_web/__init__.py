"""The `nomarr-web` family: what web pages of that kind, dashboards and newer scripts speak."""
