import { number } from "../format.js";
import { Fault, Tools, useAnswer } from "../panel.jsx";

const NUMBERS = [
  ["Expert groups", "expertGroups", null, null, "groups"],
  ["Capability needs", "capabilityNeeds", "met", "met", "needs"],
  ["Procurements", "procurements", "completed", "completed", "groups"],
  ["Contributions", "contributions", null, null, "money"],
  ["Deliveries", "deliveries", "received", "received", "deliveries"],
  ["Open next steps", "actionItems", "overdue", "overdue", "next-steps"],
];

export function Totals() {
  const answer = useAnswer("totals");
  const { data, error } = answer;
  return (
    <section aria-busy={!data && !error} aria-labelledby="totals-title" className="totals" id="overview">
      <h2 className="hidden" id="totals-title">
        In numbers
      </h2>
      {error ? <Fault answer={answer} /> : null}
      <ul>
        {NUMBERS.map(([title, field, part, word, section]) => (
          <li key={field}>
            <a href={`#${section}`}>
              <strong>{data ? number(data[field].totalCount) : "…"}</strong>
              <span>{title}</span>
              <small>{part ? `${data ? number(data[part].totalCount) : "…"} ${word}` : "\u00a0"}</small>
            </a>
          </li>
        ))}
      </ul>
      <Tools name="totals" />
    </section>
  );
}
