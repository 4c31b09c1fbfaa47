"""The parts of random histories: the caller, the request, and the existing objects that the request names."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from tests.state_machine.model import DECIDED, DONORS, KEEPERS, PEOPLE, Model, Row
from tests.state_machine.rates import NOT_STATED, STATED

#: `the right one` is an account with the permission.
ANYBODY = st.sampled_from(["the right one"] * 24 + [*PEOPLE])
AT = st.integers(0, 7)
FRESH = st.sampled_from([True] * 9 + [False])
TITLES = st.sampled_from(["Radios", "Laptops"])
UNITS = st.sampled_from([2, 1, 3, 2, 1, 5, None])
YEARS = st.sampled_from([None, 2026, 2027, 2028])
CURRENCIES = st.sampled_from(["EUR"] * 7 + ["USD"])
AMOUNTS = st.tuples(st.sampled_from([2000, 6000, 10000, 500, 0]), CURRENCIES)
PRICES = st.one_of(st.tuples(st.sampled_from([1000, 500, 2000]), CURRENCIES), st.none())
ENDORSERS = st.sampled_from(["the Steering Group", "the Steering Group", None, "by another body"])
DAYS = st.sampled_from([dt.date(2026, 3, 1), dt.date(2026, 5, 1)])
PAID = st.sampled_from([2000, 5000, 10000, -2000, 500, -500, 0])
BACK = st.sampled_from([1, 2, 1, -1, 3, 0])
EARLIER = st.sampled_from([None, None, 1, 2])
IDENTIFIERS = st.sampled_from([None, "10001", "10002"])
METHODS = st.sampled_from(["DIRECT", "OPEN", None])
LINES = st.lists(
    st.fixed_dictionaries(
        {"at": AT, "keep": st.booleans(), "quantity": UNITS, "rejected": UNITS, "price": PRICES, "more": AT}
    ),
    min_size=1,
    max_size=3,
)

#: A number that is drawn for a line of a delivery makes it a gift, or from here on a replacement.
GIFT, REPLACES = 4, 5
#: The place of a line that names a need, though its order line decides.
WRONG_NEED = 7

#: Names of an input of the model, where the API's are others.
NAMES = {
    "needs": "needIds", "need": "needId", "procurement": "procurementId", "order": "purchaseOrderId", "gift":
    "contributionId", "order_line": "orderLineId", "price": "unitPrice", "first_year": "firstYear",
    "last_year": "lastYear", "endorsed_by_id": "endorsedById", "roadmap": "roadmapId", "supplier": "supplierId",
    "suppliers": "supplierIds", "award": "awardId", "awarded": "itemIds", "identifier_scheme": "identifierScheme",
    "delivery_line": "deliveryLineId", "replaces": "replacesId", "extra": "gift", "paid_on": "paidOn",
    "tranche_year": "trancheYear", "funded_in": "fundedIn", "exchange_rate": "exchangeRate",
    "exchange_rate_on": "exchangeRateOn", "exchange_rate_source": "exchangeRateSource",
}  # fmt: skip


def changes(model: Model, kind: str, name: str, *, titled: bool, drawn: Row) -> Row:
    """Return the changed fields of an object: its title, or the fields that its rules depend on."""
    match kind:
        case "Contribution" | "Allocation" | "Supplier":
            return _changes_without_title(model, kind, name, titled=titled, drawn=drawn)
        case "CapabilityNeed":
            found = {"quantity": drawn["quantity"]}
        case "Roadmap":
            found = {"last_year": drawn["year"], "endorsed_by_id": drawn["endorser"]}
        case "Procurement":
            needs = several(model, "CapabilityNeed", drawn["needs"])
            found = {"method": drawn["method"]} if len(needs) == 1 else {"needs": needs}
            found = {"items": items(model, name, drawn["lines"])} if drawn["year"] else found
        case "Award":
            found = {"suppliers": several(model, "Supplier", drawn["needs"])}
            found = {"awarded": several(model, "ProcurementItem", drawn["needs"])} if drawn["year"] else found
        case "PurchaseOrder":
            found = {"lines": order_lines(model, name, drawn["lines"])}
            other = "supplier" if drawn["endorser"] else "award"
            found = {other: one(model, other.title(), drawn["at"])} if drawn["year"] else found
            found = (STATED if drawn["at"] else NOT_STATED) if drawn["year"] == 2028 else found
        case _:
            found = {"lines": delivery_lines(model, None, name, drawn["lines"])}
    return {"title": drawn["title"]} if titled else found


def _changes_without_title(model: Model, kind: str, name: str, *, titled: bool, drawn: Row) -> Row:
    if kind == "Supplier":
        known = drawn["identifier"]
        return {"name": drawn["title"]} if titled else {"identifier": known, "identifier_scheme": scheme_of(known)}
    if kind == "Allocation":
        return {"need": one(model, "CapabilityNeed", drawn["at"])} if titled else {"amount": drawn["amount"]}
    if drawn["year"] is None:
        return {"kind": "CASH" if drawn["quantity"] else "IN_KIND"}
    return {"tranches": tranches(model, name, drawn["lines"])} if titled else {"amount": drawn["amount"]}


def with_reason(given: Row) -> Row:
    """Return an update with the reason that some changes need."""
    return given | {"reason": "It has changed."}


def scheme_of(identifier: str | None) -> str | None:
    """Return the register of an identifier."""
    return identifier and "EE-RIK"


def person(model: Model, who: str, kind: str, name: str, to: str) -> str:
    if who != "the right one":
        return who
    allowed = model.writers_of(name)
    if kind in DECIDED and (to in DECIDED[kind].split() or model.reopens(name, to)):
        return "chair"
    return "lead" if allowed == KEEPERS else "other" if allowed == DONORS else "member"


def one(model: Model, kind: str, at: int) -> str | None:
    """Return an object of a kind; `at` counts from the last object."""
    names = model.of(kind)
    return names[-1 - at % len(names)] if names else None


def any_of(model: Model, pick: int, kinds: list[str], at: int) -> tuple[str, str]:
    """Return the kind and the name of an existing object; the last kinds are drawn most often."""
    there = [kind for kind in kinds if model.of(kind)]
    kind = there[-1 - pick % len(there)]
    names = model.of(kind)
    return kind, names[-1 - at % len(names)]


def apt(model: Model, kind: str, at: int, *statuses: str) -> str | None:
    """Return an object of a kind, mostly with one of these statuses if there is any."""
    apt = [name for name in model.of(kind) if model.rows[name]["status"] in statuses]
    return apt[-1 - at % len(apt)] if apt and at % 4 else one(model, kind, at)


def several(model: Model, kind: str, places: list[int]) -> list[str]:
    return [*dict.fromkeys(name for at in places if (name := one(model, kind, at)) is not None)]


def tranches(model: Model, gift: str | None, drawn: list[Row]) -> list[Row]:
    """Return a tranche for each line, in the currency of its price; a tranche of an existing year has the same id."""
    known = model.of("ContributionTranche", contribution_id=gift) if gift else []
    years = {model.rows[name]["year"]: name for name in known}
    found = []
    for each in drawn:
        year, price = 2026 + each["at"] % 2, each["price"] or (500, "EUR")
        tranche = {"year": year, "amount": price}
        found.append({"id": years.pop(year), **tranche} if year in years else tranche)
    return found


def items(model: Model, procurement: str | None, drawn: list[Row]) -> list[Row]:
    """Return an item for each line, mostly for a need of the procurement."""
    kept = model.lines("ProcurementItem", "procurement_id", procurement) if procurement else []
    needs = sorted(model.rows[procurement]["needs"]) if procurement else []
    found = []
    for each in drawn:
        need = needs[0] if needs and each["at"] < 6 else one(model, "CapabilityNeed", each["at"])
        item = {"description": "Thing", "quantity": each["quantity"], "need": need if each["at"] else None}
        found.append({"id": kept.pop(0), **item} if kept and each["keep"] else item)
    return found


def order_lines(model: Model, order: str | None, drawn: list[Row]) -> list[Row]:
    """Return an order line for each line, mostly for a need of the procurement."""
    kept = model.lines("OrderLine", "purchase_order_id", order) if order else []
    needs = sorted(model.rows[model.rows[order]["procurement_id"]]["needs"]) if order else []
    found = []
    for each in drawn:
        need = needs[0] if needs and each["at"] < 6 else one(model, "CapabilityNeed", each["at"])
        need = need if each["at"] else None
        line = {"description": "Thing", "quantity": each["quantity"], "price": each["price"], "need": need}
        found.append({"id": kept.pop(0), **line} if kept and each["keep"] else line)
    return found


def replaced(model: Model, ordered: str | None, more: int) -> str | None:
    """Return the line that a new line replaces, or None: mostly a line of the same order line."""
    same = model.of("DeliveryLine", order_line_id=ordered) if ordered else []
    if more < REPLACES or not same:
        return None
    return same[0] if more == REPLACES else one(model, "DeliveryLine", more)


def delivery_lines(model: Model, order: str | None, delivery: str | None, drawn: list[Row]) -> list[Row]:
    kept = model.lines("DeliveryLine", "delivery_id", delivery) if delivery else []
    row = model.rows[delivery] if delivery else None
    order = row["purchase_order_id"] if row else order
    found = []
    for each in drawn:
        own = model.lines("OrderLine", "purchase_order_id", order) if order else []
        ordered = own[each["at"] % len(own)] if own else None
        need = one(model, "CapabilityNeed", each["at"]) if ordered is None or each["at"] == WRONG_NEED else None
        quantity, rejected, accepted = each["quantity"], each["rejected"], None
        examined = not each["at"] or (row and row["status"] == "RECEIVED")
        if examined and rejected is not None and quantity is not None:
            rejected = max(rejected - 2, 0)
            accepted = quantity - rejected if rejected <= quantity else 0
        elif rejected != 5:
            rejected = None
        if kept and each["keep"] and ordered and each["at"] != WRONG_NEED:
            # A need that is sent as null and comes back from the order line would be written twice.
            need = model.rows[ordered]["need_id"]
        line = {"description": "Thing", "quantity": quantity, "order_line": ordered, "need": need}
        # A gift is rare; a replacement is of what is rejected, returned or lost, or of anything.
        line |= {"accepted": accepted, "rejected": rejected, "extra": each["more"] == GIFT}
        line["replaces"] = replaced(model, ordered, each["more"])
        found.append({"id": kept.pop(0), **line} if kept and each["keep"] else line)
    return found
