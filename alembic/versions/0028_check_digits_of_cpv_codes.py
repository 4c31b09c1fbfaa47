"""Check digits of CPV codes: each code has the right one, and a code of an item is completed with it.

Revision 0028, after 0027.
"""

import quantities
from alembic import op
from baseline_parts import on_postgresql
from baseline_sums import Trigger

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)
#: What is added to the weighted sum of the codes that start with these digits.
SHIFTS = {
    3: "421",
    5: "722121 722122 722123 722124 722125 722126 722127 722129 722671 722672 7233 724 726 727 728 729",
    6: "091 092 093",
    8: "0330 0331 0332",
    9: "034",
}
#: The codes whose digit follows no rule.
EXCEPTIONS = """
    31711154-0 31711155-7 33141113-4 34211100-9 34211200-9 34211300-9 34421000-7 34422000-7 35113110-0 35125300-2
    35331300-3 35642000-7 37442100-8 37442200-8 37442300-8 37442400-8 37442500-8 37442600-8 37442700-8 37442800-8
    37442900-8 38941000-7 38942000-7 38944000-7 38945000-7 38946000-7 38947000-7 45233139-3 48628000-9 51000000-9
    65122000-0 65123000-3 71351920-2 71351921-2 71351923-2 71351924-2 79342410-4 85210000-3 92225100-7
"""

SCHEME = "classification_scheme"
#: The columns that have a CPV code, each with the field of the API.
COLUMNS = (
    ("capability_needs", "cpv_code", "cpvCode"),
    ("procurements", "cpv_code", "cpvCode"),
    ("order_lines", "cpv_code", "cpvCode"),
    ("procurement_items", "classification_code", "classificationCode"),
)
#: What a load wrote into a column, and the statement that changes it.
LOADED = "(\"values\" ->> '{column}')"
SET_ON_SQLITE = "json_set(\"values\", '$.{column}', {code})"
SET_ON_POSTGRESQL = (
    """CAST(jsonb_set(CAST("values" AS JSONB), '{{{column}}}', to_jsonb(CAST({code} AS TEXT))) AS JSON)"""
)


def right_digit(code: str) -> str:
    """Return the SQL of the check digit of a code that starts with eight digits, as a number."""
    starts = [
        f"WHEN substr({code}, 1, {len(branch)}) = '{branch}' THEN {shift}"
        for shift, branches in SHIFTS.items()
        for branch in branches.split()
    ]
    digits = [f"{weight} * CAST(substr({code}, {at}, 1) AS INTEGER)" for at, weight in enumerate(WEIGHTS, 1)]
    singles = [f"WHEN '{each[:8]}' THEN {each[9]}" for each in EXCEPTIONS.split()]
    total = f"({' + '.join(digits)} + CASE {' '.join(starts)} ELSE 0 END)"
    return f"CASE substr({code}, 1, 8) {' '.join(singles)} ELSE {total} - {total} / 10 * 10 END"


def wrong(code: str) -> str:
    """Return the condition that a code is not eight digits, a hyphen and the right digit."""
    others = f"rtrim(ltrim({code}, '0123456789'), '0123456789')"
    # In a CASE, so that PostgreSQL takes no letter for a number; in parentheses, because an IF ends at the first THEN.
    return (
        f"(CASE WHEN length({code}) <> 10 OR substr({code}, 9, 1) <> '-' OR {others} <> '-' THEN 1 = 1 "
        f"ELSE CAST(substr({code}, 10, 1) AS INTEGER) <> {right_digit(code)} END)"
    )


def triggers() -> list[Trigger]:
    """Return the triggers that refuse a code with another digit."""
    found: list[Trigger] = []
    for table, column, field in COLUMNS:
        said = (
            f"cpv_check_digit at {field}",
            "The CPV code has a wrong check digit. Send its eight digits without the check digit.",
        )
        columns = f"{column}, {SCHEME}" if column == "classification_code" else column
        rest = _has_code(column, "new.{column}"), "", wrong(f"new.{column}"), said
        found += [
            (f"cpv_check_digit_{table}_new", "AFTER INSERT", table, *rest),
            (f"cpv_check_digit_{table}", f"AFTER UPDATE OF {columns}", table, *rest),
        ]
    return found


def upgrade() -> None:
    """Bring the tables to this revision."""
    if on_postgresql():
        # The owner of the tables sees no rows: only the operator may change all of them.
        op.execute("SET LOCAL ROLE coalition_operator")
    for table, column, _ in COLUMNS:
        op.execute(f"UPDATE {table} SET {column} = {_completed(column)} WHERE {_is_incomplete(column, '{column}')}")
        loaded = LOADED.format(column=column)
        value = (SET_ON_POSTGRESQL if on_postgresql() else SET_ON_SQLITE).format(column=column, code=_completed(loaded))
        is_incomplete = _is_incomplete(column, LOADED)
        op.execute(f"UPDATE loaded_rows SET \"values\" = {value} WHERE table_name = '{table}' AND {is_incomplete}")
    if on_postgresql():
        op.execute("RESET ROLE")
    quantities.create(triggers())


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(triggers())


def _has_code(column: str, value: str) -> str:
    """Return the condition that a column has a CPV code; `value` is the SQL of the value of `{column}`."""
    if column == "classification_code":
        return f"{value.format(column=SCHEME)} = 'CPV'"
    return f"{value.format(column=column)} IS NOT NULL"


def _is_incomplete(column: str, value: str) -> str:
    code = value.format(column=column)
    digits = f"rtrim(ltrim({code}, '0123456789'), '0123456789') IN ('', '-')"
    return f"{_has_code(column, value)} AND length({code}) IN (8, 10) AND {digits} AND {wrong(code)}"


def _completed(code: str) -> str:
    # The eight digits are the code, and the ninth follows from them.
    return f"substr({code}, 1, 8) || '-' || CAST({right_digit(code)} AS VARCHAR(1))"
