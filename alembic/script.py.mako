"""${message}.

Revision ${up_revision}, after ${down_revision | comma,n}.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

% if "PROTECTED" in protections:
#: How tables are protected on PostgreSQL from this revision on, and before it.
% endif
% for name, value in protections.items():
${name}: dict[str, Protection | None] = ${value}
% endfor


def upgrade() -> None:
    """Upgrade the tables to this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Downgrade the tables to the previous revision."""
    ${downgrades if downgrades else "pass"}
