// One statement for each relation, whatever the number of objects it is asked of; only the columns that are shown.

const ORDER = "id, number, status, value_minor, value_currency";
const DELIVERY = "reference, status, received_on";

const BY_KEY = (table) => `SELECT id, code, name FROM ${table} WHERE id = ANY($1)`;

const NEEDS = `
  SELECT asked.id AS owner, found.* FROM unnest($1::uuid[]) AS asked (id)
  CROSS JOIN LATERAL (
    SELECT n.reference, n.title, n.priority FROM procurement_needs l JOIN capability_needs n ON n.id = l.need_id
    WHERE l.procurement_id = asked.id ORDER BY n.reference, n.id LIMIT $2
  ) AS found`;

const LIST = (table, columns, owner, order) => `
  SELECT asked.id AS owner, found.* FROM unnest($1::uuid[]) AS asked (id)
  CROSS JOIN LATERAL (
    SELECT ${columns} FROM ${table} WHERE ${owner} = asked.id ORDER BY ${order}, id LIMIT $2
  ) AS found`;

export function loadersOn(run) {
  const one = (table, column) => async (asked) => {
    const keys = [...new Set(asked.map(({ obj }) => obj[column]))];
    const rows = new Map((await run(BY_KEY(table), [keys])).map((row) => [row.id, row]));
    return asked.map(({ obj }) => rows.get(obj[column]) ?? null);
  };
  const many = (sql) => async (asked) => {
    const keys = asked.map(({ obj }) => obj.id);
    const lists = new Map(keys.map((key) => [key, []]));
    // All that one operation asks of a relation, it asks in one place, with one size.
    for (const row of await run(sql, [keys, asked[0].params.first])) lists.get(row.owner).push(row);
    return keys.map((key) => ({ nodes: lists.get(key) }));
  };
  // A cache would last for one request, in which nothing is asked twice, and cost a key for every object.
  const uncached = (loader) => ({ loader, opts: { cache: false } });
  return {
    Procurement: {
      group: uncached(one("expert_groups", "group_id")),
      leadParticipant: uncached(one("participants", "lead_participant_id")),
      needs: uncached(many(NEEDS)),
      purchaseOrders: uncached(many(LIST("purchase_orders", ORDER, "procurement_id", "number"))),
    },
    PurchaseOrder: {
      deliveries: uncached(many(LIST("deliveries", DELIVERY, "purchase_order_id", "reference"))),
    },
  };
}
