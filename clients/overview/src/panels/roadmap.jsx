import { day, groupsOf, money, quantity, sourcesOf, UNKNOWN, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Ref } from "../parts.jsx";
import { moneyColumn } from "../table.jsx";

const COLUMNS = [
  { title: "Year", value: ({ year }) => year },
  { title: "Quarter", value: ({ quarter }) => quarter },
  { title: "Group", value: ({ need }) => need.group?.code },
  { title: "Need", value: ({ need }) => need.reference, show: ({ need }) => <Ref kind="need" reference={need.reference} /> },
  { title: "Title", value: ({ need }) => need.title },
  { title: "Quantity", right: true, value: (line) => line.quantity, show: (line) => quantity(line.quantity, line.unit) },
  moneyColumn("Planned amount", ({ plannedAmount }) => plannedAmount, money),
  { title: "Currency", value: ({ plannedAmount }) => plannedAmount?.currency },
  { title: "Lead", value: ({ leadParticipant }) => leadParticipant?.code },
  { title: "Clashes", right: true, value: ({ need }) => need.clashes.totalCount },
];

// The quarters from the first to the last that has a line; a year with lines that name no quarter has a column for them.
function periodsOf(lines) {
  const years = lines.map(({ year }) => year);
  const used = ({ quarter, year }) => lines.some((line) => line.year === year && line.quarter === quarter);
  const periods = [];
  for (let year = Math.min(...years); year <= Math.max(...years); year += 1) {
    for (const quarter of [1, 2, 3, 4]) periods.push({ year, quarter });
    if (used({ quarter: null, year })) periods.push({ year, quarter: null });
  }
  return periods.slice(periods.findIndex(used), periods.findLastIndex(used) + 1);
}

function Chip({ line }) {
  return (
    <span className="chip">
      {line.plannedAmount ? <b>{money(line.plannedAmount)}</b> : null}
      {line.quantity != null ? <span>{quantity(line.quantity, line.unit)}</span> : null}
      {line.plannedAmount || line.quantity != null ? null : <span>planned</span>}
      {line.leadParticipant ? <span>lead {line.leadParticipant.code}</span> : null}
    </span>
  );
}

// One mark for each need: the clashes themselves are in the list of clashes and on the page of the need.
function Clashes({ need }) {
  const { nodes, totalCount } = need.clashes;
  if (!totalCount) return null;
  const tone = nodes.some(({ severity }) => severity === "HIGH") ? "bad" : "warn";
  return (
    <a className={`badge ${tone}`} href={`#/need/${encodeURIComponent(need.reference)}`} title={nodes.map(({ message }) => message).join("\n")}>
      <span aria-hidden="true">▲ </span>
      {totalCount} {totalCount === 1 ? "clash" : "clashes"}
    </a>
  );
}

function Row({ lines, periods }) {
  const [{ need }] = lines;
  return (
    <tr>
      <th scope="row">
        <Ref kind="need" reference={need.reference}>
          {need.title}
        </Ref>
        <small>
          {need.reference} · {need.group?.code ?? "no group"} · {words(need.status)}
        </small>
        <Clashes need={need} />
      </th>
      {periods.map(({ quarter, year }) => (
        <td key={`${year}/${quarter}`}>
          {lines.filter((line) => line.year === year && line.quarter === quarter).map((line) => (
            <Chip key={line.ordinal} line={line} />
          ))}
        </td>
      ))}
    </tr>
  );
}

function Quarters({ lines, roadmap }) {
  const periods = periodsOf(lines);
  return (
    <div aria-label="The roadmap by quarter" className="scroll" role="region" tabIndex={0}>
      <table className="quarters">
        <caption className="hidden">{roadmap.title}, by quarter</caption>
        <thead>
          <tr>
            <td rowSpan={2} />
            {groupsOf(periods, ({ year }) => year).map(([year, quarters]) => (
              <th colSpan={quarters.length} key={year} scope="colgroup">
                {year}
              </th>
            ))}
          </tr>
          <tr>
            {periods.map(({ quarter, year }) => (
              <th key={`${year}/${quarter}`} scope="col">
                {quarter ? `Q${quarter}` : "any"}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groupsOf(lines, ({ need }) => need.reference).map(([reference, own]) => (
            <Row key={reference} lines={own} periods={periods} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Endorsement({ roadmap: { endorsedBy, horizon, reference, title } }) {
  const meeting = endorsedBy?.meeting;
  return (
    <p className="intro">
      <b>{title}</b> ({reference}{horizon ? `, ${horizon}` : ""})
      {meeting ? (
        <>
          , endorsed by{" "}
          <Ref kind="meeting" reference={meeting.reference}>
            {meeting.title}
          </Ref>
          , {day(meeting.heldOn, meeting.heldOnPrecision)}
        </>
      ) : null}
    </p>
  );
}

const sorted = (lines) =>
  lines.toSorted((one, other) => (one.need.group?.code ?? UNKNOWN).localeCompare(other.need.group?.code ?? UNKNOWN));

export const RoadmapInForce = () => (
  <Panel
    columns={COLUMNS}
    empty="No roadmap with lines is in force today, or you may not see it."
    id="roadmap"
    name="roadmap"
    path={["roadmapInForce", "lines"]}
    render={({ roadmapInForce }, rows) => (
      <>
        <Endorsement roadmap={roadmapInForce} />
        <Quarters lines={sorted(rows)} roadmap={roadmapInForce} />
      </>
    )}
    rowsOf={({ roadmapInForce }) => roadmapInForce?.lines.nodes ?? []}
    sourcesIn={({ roadmapInForce }) => sourcesOf([roadmapInForce])}
    table="The lines of the roadmap in force"
    title="Roadmap in force"
    totalOf={({ roadmapInForce }) => roadmapInForce?.lines.totalCount}
  />
);
