"""The scan rules."""

from typing import Annotated

from fastapi import Depends

from mediant.api.auth import READ, WRITE, AppDep
from mediant.api.families.transcriptorio import translate_rules as translate
from mediant.api.families.transcriptorio import wire_rules as wire
from mediant.api.families.transcriptorio.family import PREFIX, body, family_router, query
from mediant.api.families.transcriptorio.wire import MessageOut
from mediant.api.numbers import RowId

router = family_router()

RulesDep = Annotated[wire.RulesIn, Depends(query(wire.RulesIn))]
NewRuleDep = Annotated[wire.NewRuleIn, Depends(body(wire.NewRuleIn))]
RuleDep = Annotated[wire.RuleIn, Depends(body(wire.RuleIn))]


@router.get(f"{PREFIX}/scan-rules", dependencies=READ)
def list_rules(app: AppDep, wish: RulesDep) -> list[wire.RuleOut]:
    """The rules in the order in which they are asked."""
    found = app.subtitles.rules.list_rules(enabled_only=wish.enabled_only)
    return [translate.rule_out(rule) for rule in found]


@router.get(f"{PREFIX}/scan-rules/{{rule_id}}", dependencies=READ)
def read_rule(rule_id: RowId, app: AppDep) -> wire.RuleOut:
    """One rule."""
    return translate.rule_out(app.subtitles.rules.get(rule_id))


@router.post(f"{PREFIX}/scan-rules", status_code=201, dependencies=WRITE)
def create_rule(app: AppDep, wish: NewRuleDep) -> wire.RuleOut:
    """A new rule."""
    return translate.rule_out(app.subtitles.rules.create(translate.new_fields(wish)))


@router.put(f"{PREFIX}/scan-rules/{{rule_id}}", dependencies=WRITE)
def change_rule(rule_id: RowId, app: AppDep, wish: RuleDep) -> wire.RuleOut:
    """Change what is given; null clears a field."""
    return translate.rule_out(app.subtitles.rules.change(rule_id, translate.changed_fields(wish)))


@router.delete(f"{PREFIX}/scan-rules/{{rule_id}}", dependencies=WRITE)
def remove_rule(rule_id: RowId, app: AppDep) -> MessageOut:
    """Forget a rule; the jobs that it made stay."""
    app.subtitles.rules.remove(rule_id)
    return MessageOut(message=f"Scan rule {rule_id} deleted successfully")


@router.post(f"{PREFIX}/scan-rules/{{rule_id}}/toggle", dependencies=WRITE)
def toggle_rule(rule_id: RowId, app: AppDep) -> wire.RuleOut:
    """Switch a rule on or off."""
    return translate.rule_out(app.subtitles.rules.toggle(rule_id))
