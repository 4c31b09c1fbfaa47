import { day, number, sourcesOf, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Badge, Legend, Meter, Ref } from "../parts.jsx";

// The stages of a need from the request to its end, in the order of the bar.
const STAGES = [
  ["Requested", ["DRAFT", "SUBMITTED"], "var(--c-pale)"],
  ["Validated or planned", ["VALIDATED", "PLANNED"], "var(--c-light)"],
  ["In procurement", ["IN_PROCUREMENT"], "var(--c-mid)"],
  ["Partially met", ["PARTIALLY_MET"], "var(--c-strong)"],
  ["Met", ["MET"], "var(--c-good)"],
  ["Rejected or withdrawn", ["REJECTED", "WITHDRAWN"], "var(--c-none)"],
];

const countsOf = (connection) =>
  Object.fromEntries(connection.aggregate.groupBy.map(({ count, keys }) => [keys[0].value, count]));

const stagesOf = (group) => {
  const counts = countsOf(group.needs);
  return STAGES.map(([title, statuses, color]) => [title, statuses.reduce((sum, each) => sum + (counts[each] ?? 0), 0), color]);
};

const statusesOf = (connection) =>
  Object.entries(countsOf(connection))
    .map(([status, count]) => `${count} ${words(status).toLowerCase()}`)
    .join(", ");

const nameOf = ({ name, theme }) => name ?? theme;

const COLUMNS = [
  { title: "Group", value: ({ code }) => code },
  { title: "Theme", value: nameOf },
  { title: "Needs", right: true, value: ({ needs }) => needs.totalCount },
  { title: "Needs by status", value: ({ needs }) => statusesOf(needs) },
  { title: "Procurements", right: true, value: ({ procurements }) => procurements.totalCount },
  { title: "Procurements by status", value: ({ procurements }) => statusesOf(procurements) },
  { title: "Open next steps", right: true, value: ({ open }) => open.totalCount },
  { title: "Overdue next steps", right: true, value: ({ overdue }) => overdue.totalCount },
  { title: "Clashes", right: true, value: ({ clashes }) => clashes.totalCount },
];

function Meeting({ label, meeting }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <Ref kind="meeting" reference={meeting.reference}>
          {meeting.title}
        </Ref>
        , {day(meeting.heldOn, meeting.heldOnPrecision)}
      </dd>
    </div>
  );
}

function Group({ group }) {
  const stages = stagesOf(group);
  const text = stages.filter(([, count]) => count).map(([title, count]) => `${count} ${title.toLowerCase()}`).join(", ");
  const high = countsOf(group.clashes).HIGH ?? 0;
  const [milestone] = group.milestones.nodes;
  const [next] = group.meetings.nodes;
  const [last] = group.last.nodes;
  return (
    <li className="card">
      <h3>
        {group.code} <span>{nameOf(group)}</span>
      </h3>
      {group.themeStatus === "PLACEHOLDER" ? <p className="note">Working title: no source publishes the theme.</p> : null}
      <p className="bar-title">
        {group.needs.totalCount} {group.needs.totalCount === 1 ? "need" : "needs"}{text ? `: ${text}` : ""}
      </p>
      {group.needs.totalCount ? (
        <Meter label={`Needs of ${group.code}: ${text}`} parts={stages.map(([, count, color]) => [count / group.needs.totalCount, color])} />
      ) : null}
      <dl>
        <div>
          <dt>Procurements</dt>
          <dd>{group.procurements.totalCount ? statusesOf(group.procurements) : "none"}</dd>
        </div>
        <div>
          <dt>Next steps</dt>
          <dd>
            {number(group.open.totalCount)} open
            {group.overdue.totalCount ? <> <span className="badge bad">{group.overdue.totalCount} overdue</span></> : null}
          </dd>
        </div>
        <div>
          <dt>Clashes</dt>
          <dd>
            {number(group.clashes.totalCount)}
            {high ? <> <span className="badge bad">{high} high</span></> : null}
          </dd>
        </div>
        {milestone ? (
          <div>
            <dt>Next milestone</dt>
            <dd>
              {milestone.title}, {day(milestone.dueOn)} {milestone.isOverdue ? <Badge>OVERDUE</Badge> : null}
            </dd>
          </div>
        ) : null}
        {next ? <Meeting label="Next meeting" meeting={next} /> : null}
        {last ? <Meeting label="Last meeting" meeting={last} /> : null}
      </dl>
    </li>
  );
}

export const Groups = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no active group that you may see."
    id="groups"
    intro="What each expert group is doing: its needs by stage, its procurements, what is due and what does not fit together."
    name="groups"
    render={(_, rows) => (
      <>
        <Legend entries={STAGES.map(([title, , color]) => [title, color])} />
        <ul className="cards">
          {rows.map((group) => (
            <Group group={group} key={group.code} />
          ))}
        </ul>
      </>
    )}
    rowsOf={({ expertGroups }) => expertGroups.nodes}
    sourcesIn={({ expertGroups }) => sourcesOf(expertGroups.nodes)}
    table="Expert groups"
    title="Expert groups"
    totalOf={({ expertGroups }) => expertGroups.totalCount}
  />
);
