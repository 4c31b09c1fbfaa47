"""Earmarks of contributions: the areas, groups and needs for which donors give money.

Revision 0021, after 0020.
"""

from alembic import op
from baseline_parts import create_link
from protection import Protection, protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

#: The tables of links, each with the column of its target and the table of that.
LINKS = (
    ("contribution_earmarked_areas", "area_id", "capability_areas"),
    ("contribution_earmarked_groups", "group_id", "expert_groups"),
    ("contribution_earmarked_needs", "need_id", "capability_needs"),
)

#: How tables are protected on PostgreSQL from this revision on, and before it.
PROTECTED: dict[str, Protection | None] = {
    "contribution_earmarked_areas": Protection(
        "(EXISTS (SELECT 1 FROM contributions WHERE contributions.id = contribution_earmarked_areas.contribution_id))"
    ),
    "contribution_earmarked_groups": Protection(
        "(EXISTS (SELECT 1 FROM contributions WHERE contributions.id = contribution_earmarked_groups.contribution_id))"
    ),
    "contribution_earmarked_needs": Protection(
        "(EXISTS (SELECT 1 FROM contributions WHERE contributions.id = "
        "contribution_earmarked_needs.contribution_id)) AND (EXISTS (SELECT 1 FROM capability_needs WHERE "
        "capability_needs.id = contribution_earmarked_needs.need_id))"
    ),
}
PROTECTED_BEFORE: dict[str, Protection | None] = dict.fromkeys(PROTECTED)


def upgrade() -> None:
    """Bring the tables to this revision."""
    for name, column, target in LINKS:
        create_link(name, "contribution_id", "contributions", column, target)
    protect(PROTECTED)


def downgrade() -> None:
    """Take the tables back to the revision before."""
    protect(PROTECTED_BEFORE)
    for name, _, _ in LINKS:
        op.drop_table(name)
