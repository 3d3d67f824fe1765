"""查一查: what can I get? Anonymous; every step is one form that carries the answers so far."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from linli.programmes import Programme
from linli.screening.interview import Assessment, Interview, Question
from linli.web.frame import preferences
from linli.web.programme.questions import QuestionForm
from linli.web.programme.visit import Visit, case_of, interview_for, live_programmes, outcomes, presumptions, said


@never_cache
@csrf_exempt  # nothing on the server changes, and a token would need a cookie
def start(request: HttpRequest) -> HttpResponse:
    """GET: what this is, and who is asked about. POST: one step."""
    if request.method != "POST":
        return render(request, "public/check_start.html", {"section": "check", "organisation": request.GET.get("for") == "organisation"})
    try:
        sealed = request.POST.get("visit", "")
        visit = Visit.read(sealed) if sealed else Visit.of(request.POST.get("subject", ""))
    except BadSignature:
        return render(request, "public/check_start.html", {"section": "check", "expired": True}, status=400)
    if switch := request.POST.get("switch"):
        return _switched(request, visit, switch)
    return _Step(request, visit).respond()


def _switched(request: HttpRequest, visit: Visit, choice: str) -> HttpResponse:
    """The same step in another edition or language; the choice is remembered, the answers stay in the form."""
    chosen = preferences.changed(preferences.read(request), choice)
    request.preferences = chosen  # type: ignore[attr-defined]
    with translation.override(chosen.language):
        response = _Step(request, visit).again()
    preferences.remember(response, chosen)
    response.headers["Content-Language"] = "zh-CN" if chosen.chinese else "en"
    return response


class _Step:
    """One request within a visit: what was pressed, and the page that follows."""

    def __init__(self, request: HttpRequest, visit: Visit) -> None:
        self.request, self.visit = request, visit
        self.programmes: list[Programme] = live_programmes(visit.subject)
        self.names = {programme.slug: programme.label for programme in self.programmes}
        self.interview: Interview = interview_for(self.programmes)
        self.posted = self.interview.questions.get(request.POST.get("question", ""))

    def respond(self) -> HttpResponse:
        """Back, change, skip, results, or an answer."""
        posted, form = self.request.POST, None
        if "back" in posted:
            return self.reopen(self.visit.answers[-1][0]) if self.visit.answers else self.page()
        if "change" in posted:
            return self.reopen(posted["change"])
        if "results" in posted:
            return self.page(results=True)
        if self.posted is not None:
            if "skip" in posted:
                self.visit = self.visit.with_answer(self.posted.key, None)
            else:
                form = self.form(self.posted, posted)
                if not form.is_valid():
                    return self.page(self.posted, form)
                self.visit = self.visit.with_answer(self.posted.key, form.value)
        return self.page()

    def again(self) -> HttpResponse:
        """The page as it was: its question, or the results."""
        return self.page(self.posted, results=self.request.POST.get("showing") == "results")

    def reopen(self, key: str) -> HttpResponse:
        """Ask a question again; its answer is taken back, the others stay."""
        self.visit = self.visit.without(key)
        return self.page(self.interview.questions.get(key))

    def form(self, question: Question, data: Any = None) -> QuestionForm:
        """The question as a form."""
        return QuestionForm(question, case_of(self.visit, self.interview), self.visit.subject, self.names, data)

    def page(self, question: Question | None = None, form: QuestionForm | None = None, *, results: bool = False) -> HttpResponse:
        """The next question with where everything stands, or the results when no answer can change them."""
        assessment: Assessment = self.interview.assess(case_of(self.visit, self.interview))
        asked = question or (None if results else assessment.question)
        context: dict[str, Any] = {
            "section": "check",
            "visit": self.visit,
            "sealed": self.visit.sealed(),
            "outcomes": outcomes(assessment, self.programmes),
            "said": said(self.visit, self.interview, self.names),
            "presumed": presumptions(self.visit, self.interview),
            "open_questions": assessment.open_questions,
            "switch_form": "visit",
        }
        if asked is None:
            return render(self.request, "public/check_results.html", context | {"more": assessment.question is not None})
        context |= {"form": form or self.form(asked), "question": asked}
        return render(self.request, "public/check_question.html", context)
