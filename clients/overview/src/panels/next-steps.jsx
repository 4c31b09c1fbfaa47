import { day, sourcesOf, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Badge, Ref } from "../parts.jsx";

const ownerOf = ({ ownerAccount, ownerGroup, ownerParticipant }) =>
  ownerAccount?.displayName ?? ownerGroup?.code ?? ownerParticipant?.name;

const COLUMNS = [
  {
    title: "Due",
    value: ({ dueOn }) => dueOn,
    show: ({ dueOn, isOverdue }) => (
      <>
        {day(dueOn)} {isOverdue ? <Badge>OVERDUE</Badge> : null}
      </>
    ),
  },
  { title: "Next step", value: ({ text }) => text },
  { title: "Owner", value: ownerOf },
  { title: "Group", value: ({ group }) => group?.code },
  { title: "Status", value: ({ status }) => status, show: ({ status }) => words(status) },
  {
    title: "Agreed at",
    value: ({ meeting }) => meeting?.reference,
    show: ({ meeting }) => meeting && <Ref kind="meeting" reference={meeting.reference} />,
  },
  { title: "Reference", value: ({ reference }) => reference },
];

function Step({ step }) {
  const about = [ownerOf(step), step.group?.code, words(step.status).toLowerCase()].filter(Boolean).join(" · ");
  return (
    <li>
      <span className="date">
        {step.dueOn ? day(step.dueOn) : "no date"} {step.isOverdue ? <Badge>OVERDUE</Badge> : null}
      </span>
      <span>
        {step.text}
        <small>
          {step.reference} · {about}
          {step.meeting ? (
            <>
              {" · agreed at "}
              <Ref kind="meeting" reference={step.meeting.reference} />
            </>
          ) : null}
        </small>
      </span>
    </li>
  );
}

export const NextSteps = () => (
  <Panel
    columns={COLUMNS}
    empty="There is no open next step that you may see."
    id="next-steps"
    intro="Action items that are not finished, the earliest due date first."
    name="next-steps"
    path={["actionItems"]}
    render={(_, rows) => (
      <ol className="events">
        {rows.map((step) => (
          <Step key={step.reference} step={step} />
        ))}
      </ol>
    )}
    rowsOf={({ actionItems }) => actionItems.nodes}
    sourcesIn={({ actionItems }) => sourcesOf(actionItems.nodes.map(({ meeting }) => meeting))}
    table="Next steps"
    title="Next steps due"
    totalOf={({ actionItems }) => actionItems.totalCount}
  />
);
