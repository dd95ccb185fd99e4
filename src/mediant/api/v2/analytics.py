"""`/api/v2/tagging/analytics`: how common tags and moods are, and what goes with what."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from mediant.api.auth import READ, AppDep
from mediant.api.gates import COUNTING
from mediant.api.v2.problem import v2_router
from mediant.api.v2.wire import In, Out
from mediant.tagging.analytics import TagPair

router = v2_router("tagging/analytics")

Count = Query(ge=1, le=1000)
Share = Annotated[float, Field(description="0 to 1, three decimals.")]


class FrequencyOut(Out):
    """How often a key is used."""

    key: str = Field(description="Without the namespace.")
    files: int = Field(description="Files that carry it.")
    values: int = Field(description="Its distinct values.")


class FrequenciesOut(Out):
    """Keys, most common first."""

    frequencies: list[FrequencyOut]


class MoodShareOut(Out):
    """How common a mood is."""

    mood: str
    files: int = Field(description="Files that have it in any tier, each counted once.")
    percentage: float = Field(description="Of the tagged files, or of the genre's; one decimal.")


class MoodsOut(Out):
    """Moods, most common first."""

    moods: list[MoodShareOut]


class CorrelationsOut(Out):
    """How moods go together."""

    moods: dict[str, dict[str, Share]] = Field(
        description="A -> B -> files with A and B / files with A; at most ten B, strongest first."
    )
    tiers: dict[str, dict[str, Share]] = Field(
        description="Mood -> share of its files at `tier_s` strict, `tier_a` regular only, "
        "`tier_b` loose only."
    )


class PairIn(In):
    """A tag: its key without namespace, and a value."""

    key: str = Field(max_length=500)
    value: str = Field(max_length=4096)


class CoOccurrenceIn(In):
    """The columns and the rows of the matrix, 1 to 16 tags each."""

    x: list[PairIn]
    y: list[PairIn]


class CoOccurrenceOut(Out):
    """Files that carry both tags."""

    matrix: list[list[int]] = Field(description="`matrix[j][i]`: files with `x[i]` and `y[j]`.")


class GenreOut(Out):
    """What the files of a genre are like."""

    genre: str
    files: int
    percentage: float = Field(description="Of all tagged files, one decimal.")
    means: dict[str, float] = Field(description="Numeric key -> mean, four decimals.")
    moods: list[MoodShareOut] = Field(description="Its ten most common moods.")


class GenresOut(Out):
    """Genres, most common first."""

    genres: list[GenreOut]


@router.get("/frequencies", dependencies=[*READ, COUNTING])
def tag_frequencies(app: AppDep, limit: Annotated[int, Count] = 50) -> FrequenciesOut:
    """Keys by the number of files that carry them."""
    found = app.analytics.tag_frequencies(limit)
    return FrequenciesOut(frequencies=[FrequencyOut.model_validate(one) for one in found])


@router.get("/moods", dependencies=[*READ, COUNTING])
def mood_distribution(app: AppDep, limit: Annotated[int, Count] = 30) -> MoodsOut:
    """Moods by the number of files that have them."""
    found = app.analytics.mood_distribution(limit)
    return MoodsOut(moods=[MoodShareOut.model_validate(one) for one in found])


@router.get("/correlations", dependencies=[*READ, COUNTING])
def mood_correlations(app: AppDep, top_n: Annotated[int, Count] = 20) -> CorrelationsOut:
    """How the most common moods go together, and at which tiers they stand."""
    return CorrelationsOut.model_validate(app.analytics.mood_correlations(top_n))


@router.post("/co-occurrence", dependencies=[*READ, COUNTING])
def co_occurrence(body: CoOccurrenceIn, app: AppDep) -> CoOccurrenceOut:
    """How many files carry each tag of `x` together with each tag of `y`."""
    x, y = ([TagPair(one.key, one.value) for one in side] for side in (body.x, body.y))
    return CoOccurrenceOut(matrix=app.analytics.co_occurrence(x, y))


@router.get("/genres", dependencies=[*READ, COUNTING])
def genre_profiles(app: AppDep, limit: Annotated[int, Count] = 20) -> GenresOut:
    """What the files of the most common genres are like."""
    found = app.analytics.genre_profiles(limit)
    return GenresOut(genres=[GenreOut.model_validate(one) for one in found])
