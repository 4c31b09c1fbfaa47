import { barX, ruleX } from "@observablehq/plot";
import { useCallback } from "react";

import { Chart, compact, labels } from "../chart.jsx";
import { amountOf, groupsOf, money, sourcesOf } from "../format.js";
import { Panel } from "../panel.jsx";
import { Legend } from "../parts.jsx";

// The stages exclude each other. Goods have stages of their own, because their value is never money.
const STAGES = [
  ["Paid", "paid", "var(--c-strong)"],
  ["Committed", "commitment", "var(--c-mid)"],
  ["Pledged", "pledge", "var(--c-light)"],
  ["Goods given", "inKindGiven", "var(--k-strong)"],
  ["Goods committed", "inKindCommitment", "var(--k-mid)"],
  ["Goods pledged", "inKindPledge", "var(--k-light)"],
];

// One row for each donor, year and currency.
function rowsOf({ ledger }) {
  return ledger.aggregate.groupBy.flatMap(({ count, keys, sums }) => {
    const [donors, year] = keys.map(({ value }) => value);
    const currencies = new Set(STAGES.flatMap(([, field]) => sums[field].map(({ currency }) => currency)));
    return [...currencies].map((currency) => ({
      amounts: Object.fromEntries(STAGES.map(([, field]) => [field, sums[field].find((sum) => sum.currency === currency)])),
      count,
      currency,
      donors,
      year,
    }));
  });
}

const COLUMNS = [
  { title: "Donors", value: ({ donors }) => donors ?? "unknown" },
  { title: "Year", value: ({ year }) => year, show: ({ year }) => year ?? "unknown" },
  { title: "Currency", value: ({ currency }) => currency },
  ...STAGES.map(([title, field]) => ({
    title,
    right: true,
    value: ({ amounts }) => amounts[field]?.amount,
    show: ({ amounts }) => money(amounts[field]),
  })),
];

const labelOf = ({ donors, year }) => `${donors ?? "unknown"} ${year ?? "(no year)"}`;

function Bars({ currency, rows }) {
  const options = useCallback(
    (width) => {
      const { marginLeft, shorten } = labels(rows.map(labelOf), width);
      const parts = rows.flatMap((row) => STAGES.map(([title, field]) => ({ amount: amountOf(row.amounts[field]), row, title })));
      return {
        color: { domain: STAGES.map(([title]) => title), range: STAGES.map(([, , color]) => color) },
        height: 40 + rows.length * 26,
        marginBottom: 26,
        marginLeft,
        marginTop: 8,
        x: { grid: true, label: null, tickFormat: compact, ticks: width < 460 ? 3 : 5 },
        y: { domain: rows.map(labelOf), label: null, tickFormat: shorten, tickSize: 0 },
        marks: [
          barX(parts, { fill: "title", insetBottom: 3, insetTop: 3, x: "amount", y: ({ row }) => labelOf(row) }),
          ruleX([0], { stroke: "var(--line-strong)" }),
        ],
      };
    },
    [rows],
  );
  const label = rows
    .map((row) => {
      const stages = STAGES.filter(([, field]) => amountOf(row.amounts[field])).map(([title, field]) => `${title.toLowerCase()} ${money(row.amounts[field])}`);
      return `${labelOf(row)}: ${stages.join(", ") || "nothing"}`;
    })
    .join("; ");
  return (
    <figure>
      <figcaption>{currency}</figcaption>
      <Chart label={`Money and goods in ${currency}. ${label}`} options={options} />
    </figure>
  );
}

export const Money = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no contribution with an amount that you may see."
    id="money"
    intro="What donors gave, by donor, year of the announcement and stage. Totals to date, upper bounds and parts of joint contributions are left out."
    name="money"
    path={["ledger"]}
    render={(_, rows) => (
      <>
        <Legend entries={STAGES.map(([title, , color]) => [title, color])} />
        {groupsOf(rows, ({ currency }) => currency).map(([currency, own]) => (
          <Bars currency={currency} key={currency} rows={own} />
        ))}
      </>
    )}
    rowsOf={rowsOf}
    sourcesIn={({ ledger }) => sourcesOf(ledger.nodes.map(({ contribution }) => contribution))}
    table="Money and goods by donor, year and stage"
    title="Money by donor and year"
  />
);
