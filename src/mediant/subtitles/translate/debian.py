"""Debian's Apertium packages by the languages between which they translate."""

from mediant.kernel.languages import canonical_code

_PACKAGES = (
    "afr-nld arg-cat bel-rus br-fr cat-ita cat-srd dan-nor en-gl eng-cat eng-spa eo-ca eo-en eo-es "
    "eo-fr es-gl es-pt es-ro eu-en eu-es fr-es fra-cat ind-zlm isl-eng isl-swe mkd-bul mkd-eng "
    "nno-nob oc-ca oc-es oci-fra por-cat pt-gl rus-ukr spa-arg spa-ast spa-cat spa-ita srd-ita "
    "swe-dan swe-nor urd-hin"
)


def find_package(source: str, target: str) -> str | None:
    """The package for this pair, or None. Not every one of them goes both ways."""
    wanted = {source, target}
    for pair in _PACKAGES.split():
        if {canonical_code(code) for code in pair.split("-")} == wanted:
            return f"apertium-{pair}"
    return None
