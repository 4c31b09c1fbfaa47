import { day, isoDay, money, number, sourcesOf, words } from "../format.js";
import { Panel } from "../panel.jsx";
import { Ref } from "../parts.jsx";

// The object of an event that has a page, and the text for it.
function subjectOf({ contribution, decision, delivery, kind, meeting, participant, purchaseOrder }) {
  if (decision) return ["meeting", decision.meeting.reference, decision.text];
  if (meeting) return ["meeting", meeting.reference, meeting.title];
  if (delivery) {
    const procurement = delivery.purchaseOrder?.procurement.reference;
    return procurement ? ["procurement", procurement, delivery.title] : ["contribution", delivery.contribution?.reference, delivery.title];
  }
  if (purchaseOrder) return ["procurement", purchaseOrder.procurement.reference, purchaseOrder.title ?? purchaseOrder.number];
  if (contribution) return ["contribution", contribution.reference, `${contribution.donorCodes ?? "Unknown donor"}: ${contribution.reference}`];
  return [null, null, participant?.name ?? words(kind)];
}

const COLUMNS = [
  { title: "Date", value: ({ happenedOn, happenedOnPrecision }) => isoDay(happenedOn, happenedOnPrecision) },
  { title: "Event", value: ({ kind }) => kind },
  { title: "What", value: (event) => subjectOf(event)[2] },
  { title: "Reference", value: (event) => subjectOf(event)[1] },
  { title: "Group", value: ({ group }) => group?.code },
  { title: "Amount", right: true, value: ({ amount }) => amount?.amount, show: ({ amount }) => number(amount?.amount) },
  { title: "Currency", value: ({ amount }) => amount?.currency },
];

function Event({ event }) {
  const [kind, reference, text] = subjectOf(event);
  return (
    <li>
      <span className="date">{day(event.happenedOn, event.happenedOnPrecision)}</span>
      <span>
        <b>{words(event.kind)}</b>{" "}
        <Ref kind={kind} reference={reference}>
          {text}
        </Ref>
        {event.amount ? `, ${money(event.amount)}` : ""}
        {event.group ? ` (${event.group.code})` : ""}
      </span>
    </li>
  );
}

export const Timeline = () => (
  <Panel
    columns={COLUMNS}
    empty="No event until today that you may see."
    id="timeline"
    intro="The latest events until today, the newest first."
    name="timeline"
    render={(_, rows) => (
      <ol className="events">
        {rows.map((event, index) => (
          <Event event={event} key={index} />
        ))}
      </ol>
    )}
    rowsOf={({ timeline }) => timeline.nodes}
    sourcesIn={({ timeline }) => sourcesOf(timeline.nodes)}
    table="Events"
    title="What is new"
    totalOf={({ timeline }) => timeline.totalCount}
  />
);
