"""Which thing of object_examples each address is asked with, and for whom it opens then: everybody else gets nothing and does nothing.

Viewers: officer, of the whole city; near, officer of the county that the thing is in; abroad, officer of another county; local, the same
for one programme; other, officer of the whole city for another programme; clerk and steward of another county, nearby, steward of the
village; self, whose matter it is; elder, their father; stranger, another resident; anonymous.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from web_examples import AID

OFFICES = "officer near abroad local other clerk steward nearby planner auditor administrator security"
RESIDENTS = "self elder stranger"
ALL = f"{OFFICES} {RESIDENTS} anonymous"


class Asked(NamedTuple):
    """viewers: for whom it opens; ids: by parameter, the thing of World.ids."""

    viewers: frozenset[str]
    ids: dict[str, str]


def _row(viewers: str, names: str, **ids: str) -> dict[str, Asked]:
    return {name: Asked(frozenset(viewers.split()), ids) for name in names.split()}


ADDRESSES: dict[str, Asked] = {
    **_row(ALL, "announcement", uid="notice"),
    **_row(ALL, "ranks_shown", uid="ranks"),
    **_row(RESIDENTS, "announcement_object announcement_object_number", uid="notice"),
    **_row("", "public_draw draw_file", code="draw_code"),  # not before its list is frozen
    **_row("", "open_data_file", uid="published"),  # counts of nobody in particular; nothing is published here
    **_row(ALL, "map_reported", uid="report"),  # whoever has its address: it names nobody
    **_row("officer near nearby", "steward:report", uid="report"),
    # One's own pages.
    **_row("self", "my:case my:receipt my:papers my:give_paper", uid="case"),
    **_row("self", "my:mend_account", uid="case", payment="payment"),
    **_row("self", "my:own_paper my:own_paper_page", uid="paper"),
    **_row("self", "my:case_letter", uid="letter"),
    **_row("self", "my:contest my:review", uid="paid_case"),
    **_row("self", "my:agree", uid="recovery"),
    **_row("", "my:shared_recovery my:shared_letter", uid="recovery"),  # she is of age and lives
    **_row("self elder", "my:escrow", uid="sale"),
    **_row("elder", "my:works", uid="works"),
    **_row("", "my:works_sign", uid="works"),  # an empty form signs nothing
    **_row("self", "my:why my:leaflet", subject="person"),
    **_row("self", "my:paper my:end_mandate my:agree_mandate", uid="mandate"),
    **_row("", "my:take_up", uid="mandate"),  # of a guardian it is taken up otherwise
    **_row(RESIDENTS, "my:turn", whom="person"),  # leads home, to one's own pages: test_nobody_turns_to_a_stranger
    # Any window serves any resident of the city; what it does in somebody's name takes their consent, which nobody recorded.
    **_row("clerk", "window:person window:consent window:done window:check_card window:code window:mandates", uid="person"),
    **_row("clerk", "window:guardianship window:blank_paper", uid="person"),
    **_row("clerk", "window:paper window:end_mandate", uid="person", mandate="mandate"),
    **_row("clerk", "window:papers window:give_paper window:receipt", uid="case"),
    **_row("clerk", "window:contest", uid="paid_case"),
    **_row("clerk", "window:organisation", uid="firm"),
    **_row("", "window:apply window:visit window:wrong", uid="person"),
    **_row("", "window:why window:leaflet", uid="person", subject="person"),
    **_row("", "window:agree_mandate", uid="person", mandate="mandate"),
    **_row("nearby", "steward:person", uid="person"),
    # Cases at their offices.
    **_row("officer near", "office:case office:case_hold office:case_again office:case_back office:papers office:give_paper", uid="case"),
    **_row("officer near auditor", "office:case_archive", uid="case"),
    **_row("", "office:score", uid="case"),  # nobody scores it
    **_row("officer near", "office:overpaid", uid="paid_case"),
    **_row("officer near", "office:overpaid_say", uid="recovery"),
    **_row("officer near other", "office:works", uid="works"),
    **_row("officer near", "office:escrow", uid="sale"),
    **_row("officer near", "office:answer", uid="forwarded"),
    **_row("officer near nearby", "office:visit_place", uid="visit"),
    **_row("officer near", "office:paper office:paper_page", uid="paper"),
    **_row("", "office:paper_facts", uid="paper"),  # this one shows no fact
    **_row("officer near", "office:letter office:letter_pdf", uid="letter"),
    **_row("officer", "office:ranks office:ranks_file", uid="ranks"),
    **_row("officer near nearby", "office:resident", uid="person"),
    **_row("officer near", "office:guardianship", uid="guardianship"),
    **_row("officer", "office:download office:cancel_download", uid="download"),
    **_row("", "office:download_file", uid="download"),  # not written yet
    **_row("", "office:decide_mailing", mailing="mailing"),  # an empty form decides nothing
    **_row("officer near", "office:send_again", delivery="sent"),
    **_row("", "office:forget_filter", uid="filter"),
    **_row("officer near abroad local auditor", "office:overview office:people office:export", run="run"),
    **_row("officer near auditor", "office:person", run="run", subject="person"),
    # Lists and their checks.
    **_row("officer near auditor", "batches:batch batches:archive batches:dissolve batches:declared batches:items", uid="batch"),
    **_row("officer near auditor", "batches:left batches:draw_begin batches:notice_begin", uid="batch"),
    **_row("officer near auditor", "batches:slip", uid="batch", award="left"),
    **_row("officer near auditor", "batches:item", uid="item"),
    **_row("officer near auditor", "batches:draw", uid="draw"),
    **_row("officer near auditor", "batches:check", uid="check"),
    **_row("officer abroad local", "batches:check_paper batches:check_page", uid="cross_check", document="check_paper"),
    **_row("officer near auditor", "batches:notice batches:poster", uid="notice"),
    **_row("", "batches:poster_photo", uid="notice"),  # none hangs
    **_row("officer near abroad local other clerk", "batches:object", uid="notice"),  # whoever calls about what everybody reads
    # Money.
    **_row("officer near auditor", "payments:batch payments:ask_accounts", batch="paid_batch"),
    **_row("officer near auditor", "payments:payees", batch="to_the_firm"),
    **_row("officer near auditor", "payments:payee", batch="to_the_firm", organisation="firm"),
    **_row("officer near auditor", "payments:order", order="order"),
    **_row("officer near", "payments:file", order="order"),
    **_row("", "payments:decide", order="order"),  # an empty form decides nothing
    **_row("officer near auditor", "payments:payment", payment="payment"),
    **_row("officer near", "payments:give_up", payment="payment"),
    **_row("", "payments:bank_says", payment="payment"),  # the bank said nothing of it
    **_row("officer near auditor", "payments:recovery", case="recovery"),
    **_row("", "payments:bank_word", word="word"),  # an empty form decides nothing
    **_row("officer near auditor", "payments:inquiry", inquiry="inquiry"),
    **_row("officer near", "payments:drop_inquiry payments:inquiry_file", inquiry="inquiry"),
    **_row("officer auditor", "payments:answer", outcome="outcome"),  # the bank answers for the city
    **_row("officer auditor", "payments:account_answer", answer="account_answer"),
    # Files that an officer of the whole city sent in; drafts, which officers of the whole city keep; forms.
    **_row("officer", "imports:upload imports:columns imports:people imports:discard", uid="upload"),
    **_row("", "imports:marked", uid="upload"),  # nothing to mark
    **_row("officer near administrator", "places:one places:close", uid="place"),
    **_row("officer", "places:upload places:marked places:discard", uid="place_list"),
    **_row("officer", "imports:delivery imports:undo imports:doubts imports:doubts_questions", uid="delivery"),
    **_row("", "imports:doubts_several", uid="delivery"),  # an empty form
    **_row("officer", "imports:doubt", uid="doubt"),
    **_row("officer", "imports:withdraw_prices", uid="prices"),
    **_row("officer auditor", "programmes:draft programmes:text programmes:examples programmes:difference", uid="draft"),
    **_row("officer auditor", "programmes:history programmes:revision programmes:review programmes:ask_preview", uid="draft"),
    **_row("officer auditor", "programmes:example programmes:file programmes:section", uid="draft"),
    **_row("officer", "programmes:submit programmes:move programmes:confirm", uid="draft"),
    **_row("", "programmes:change_examples", uid="draft"),  # an empty form
    **_row("officer auditor", "programmes:preview", uid="preview"),
    **_row("", "programmes:changed", uid="preview"),  # not made yet
    **_row("", "programmes:subject", uid="preview", subject="person"),
    **_row("officer auditor", "programmes:scenario", uid="scenario"),
    **_row("officer", "programmes:scenario_draft programmes:scenario_discard", uid="scenario"),
    **_row("", "programmes:scenario_file", uid="scenario"),  # not worked out yet
    **_row("officer near planner auditor", "circles:one circles:map circles:whatif circles:plan", uid="circle"),
    **_row("", "circles:plan_step", uid="circle"),  # an empty form asks for no step
    **_row("", "circles:plan_preview", uid="circle"),  # nothing was computed
    **_row("officer near planner auditor", "circles:action", uid="circle_action"),
    **_row("officer near planner auditor", "circles:issued", uid="issued_plan"),
    **_row("officer planner auditor", "city:form city:form_renew city:form_fill", uid="form"),
    **_row("officer", "city:form_end", uid="form"),
    **_row("", "city:form_remove", uid="form"),  # the form has no such part
    # Accounts of staff.
    **_row("administrator security auditor", "admin:person", uid="staff"),
    **_row("administrator", "admin:grant admin:department admin:active admin:password admin:identify admin:link", uid="staff"),
    **_row("administrator", "admin:end_grant", uid="staff", grant="grant"),
    **_row("administrator security", "admin:confirm_grant admin:decline_grant", uid="staff", proposal="proposal"),
    **_row("security", "admin:remove_factor", uid="staff", factor="factor"),
    **_row("administrator", "admin:unlink", uid="staff", identity="identity"),
    **_row("administrator", "admin:window admin:close_window", uid="window"),
    **_row("security", "admin:end_session", session="session"),
    **_row("", "admin:end_own_session", session="session"),  # a colleague's
    **_row("", "admin:remove_own_factor", factor="factor"),
    **_row("", "admin:confirm_identity admin:end_own_identity", identity="identity"),
    **_row(OFFICES, "admin:end_token", uid="token"),  # leads back to one's own with the word that there is none
}
WORDS: dict[str, Any] = {
    "slug": AID, "kind": "objection", "number": 1, "position": 1, "matter": "benefits", "fact": "disability_level", "change": "opened",
    "name": "programme", "section": "figures", "place": 0,
}  # fmt: skip
"""Parameters that are the id of nothing."""
