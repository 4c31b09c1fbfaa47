import { day, money, percent, quantity, words } from "../format.js";
import { groupOf, nameOf, refColumn } from "./object.jsx";

const PROCUREMENTS = [
  refColumn("Reference", "procurement"),
  { title: "Title", show: ({ title }) => title },
  { title: "Status", show: ({ status }) => words(status) },
];

const LINES = [
  { title: "Roadmap", show: ({ roadmap }) => `${roadmap.reference}${roadmap.isInForce ? " (in force)" : ""}` },
  { title: "Year", show: ({ year }) => year },
  { title: "Quarter", show: ({ quarter }) => quarter },
  { title: "Quantity", right: true, show: (line) => quantity(line.quantity, line.unit) },
  { title: "Planned amount", right: true, show: ({ plannedAmount }) => money(plannedAmount) },
];

export const NEED = {
  field: "capabilityNeeds",
  name: "need",
  section: "needs",
  title: "Capability need",
  steps: ["DRAFT", "SUBMITTED", "VALIDATED", "PLANNED", "IN_PROCUREMENT", "PARTIALLY_MET", "MET"],
  titleOf: ({ title }) => title,
  texts: ({ gapStatement }) => [gapStatement],
  facts: (need) => [
    ["Priority", words(need.priority)],
    ["Needed by", day(need.neededBy)],
    ["Area", need.area.name],
    ["Group", groupOf(need.group)],
    ["Requested by", nameOf(need.requestedBy)],
    ["Needed", quantity(need.quantity, need.unit)],
    ["Ordered", quantity(need.orderedQuantity, need.unit)],
    ["In transit", quantity(need.inTransitQuantity, need.unit)],
    ["Received", quantity(need.receivedQuantity, need.unit)],
    ["Accepted", quantity(need.acceptedQuantity, need.unit)],
    ["Rejected", quantity(need.rejectedQuantity, need.unit)],
    ["Missing", quantity(need.outstandingQuantity, need.unit)],
    ["Fulfilment", percent(need.fulfilment)],
    ["Estimated cost", money(need.estimatedCost)],
    ["Planned", money(need.plannedAmount)],
    ["Funded", money(need.fundedAmount)],
    ["Funded share", percent(need.fundedShare)],
    ["Pledged, not funding", money(need.pledgedAmount)],
    ["Ordered for", money(need.orderedAmount)],
    ["Not funded", money(need.unmetAmount)],
  ],
  lists: (need) => [
    ["Procurements", need.procurements, PROCUREMENTS],
    ["Roadmap lines", need.roadmapLines, LINES],
  ],
};
