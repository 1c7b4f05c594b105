"""How the figures are made and what they cannot tell: one text, for the page and for the report."""

from dataclasses import dataclass

from elearn.core.i18n import gettext as _
from elearn.core.privacy import LEAST_AVERAGED, LEAST_COUNTED


@dataclass(frozen=True)
class MethodSection:
    """A part of the text."""

    heading: str
    paragraphs: list[str]


def method() -> list[MethodSection]:
    """Return the text in the language spoken now."""
    return [
        MethodSection(
            _("What is calculated"),
            [
                _(
                    "Averages stand with a 95 per cent confidence interval (Student’s t): if the same evaluation were "
                    "made many times, the interval would hold the true average in 95 of 100."
                ),
                _(
                    "A difference between before and after is the average of each person’s own. Only those who "
                    "answered both times count. Its effect size (Cohen’s d for paired answers) is that average divided "
                    "by the standard deviation of the differences."
                ),
                _("Shares stand with Wilson’s 95 per cent interval."),
                _(
                    "The recommendation score is the per cent who answer 9 or 10 less the per cent who answer 0 to 6. "
                    "It goes from −100 to +100."
                ),
                _("Staff, leaders, buyers and guests are never added up."),
            ],
        ),
        MethodSection(
            _("When a figure is shown"),
            [
                _(
                    "Answers are released on Mondays. Counts are of at least %(few)s people, averages and differences "
                    "of at least %(more)s, and sectors of at least %(more)s.",
                    few=LEAST_COUNTED,
                    more=LEAST_AVERAGED,
                ),
                _(
                    "An answer waits until it can be counted together with so many others that no difference between "
                    "two figures, today’s or last week’s, is about a few people. The total counts nothing that its "
                    "parts do not."
                ),
                _(
                    "Where a figure is not shown, there are too few answers, or none, or they wait. Which of these, "
                    "nobody is told."
                ),
                _(
                    "Of a sector only averages and differences are shown, to a tenth. Its number of answers is rounded "
                    "down to fives (“25+”), and its interval reckons with the spread of all answers, so that nobody "
                    "can calculate back what a few have said."
                ),
                _(
                    "How many have answered is told in steps of 10 per cent, in larger ones where few were asked, and "
                    "from five answers upward."
                ),
            ],
        ),
        MethodSection(
            _("Who can see whose answer"),
            [
                _(
                    "Nobody, once answers are released: they have lost name, time and order, and each question stands "
                    "alone. Until then they lie apart, till the Monday when there are five or till the round closes, "
                    "and whoever runs the server could join an answer to a person."
                ),
                _(
                    "Questions that are asked before and after are an exception while the round is open: a code joins "
                    "a person’s two answers. It is made with a key that lies apart. Whoever runs the server could find "
                    "the person with it. When the round closes, codes and key are destroyed."
                ),
                _(
                    "Texts are read by the course owner, come at least ten at a time, in random order, and without "
                    "municipality. Others read only what may be quoted and the owner has approved."
                ),
            ],
        ),
        MethodSection(
            _("What it cannot tell"),
            [
                _("There is no comparison group. What changed may have changed for other reasons than the course."),
                _("Those who answered may be the keenest. The rates of answers say how many did not."),
                _(
                    "People rate themselves. Leaders rate their department. Neither is a test of what anybody can do "
                    "for a child."
                ),
                _(
                    "Where everybody gave the same answer, the interval of an average has no width. That is no "
                    "certainty: others might have answered otherwise."
                ),
                _(
                    "Where many questions and sectors are shown, some intervals miss the truth by chance: about one "
                    "in twenty."
                ),
            ],
        ),
    ]
