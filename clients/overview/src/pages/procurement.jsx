import { day, money, moneys, percent, words } from "../format.js";
import { Badge } from "../parts.jsx";
import { groupOf, nameOf, refColumn } from "./object.jsx";

const NEEDS = [
  refColumn("Reference", "need"),
  { title: "Title", show: ({ title }) => title },
  { title: "Status", show: ({ status }) => words(status) },
];

const ALLOCATIONS = [
  refColumn("Contribution", "contribution", ({ contribution }) => contribution?.reference),
  { title: "Donors", show: ({ contribution }) => contribution?.donorCodes },
  { title: "Status", show: ({ contribution }) => words(contribution?.status) },
  { title: "Amount", right: true, show: ({ amount }) => money(amount) },
];

const ORDERS = [
  { title: "Number", show: ({ number }) => number },
  { title: "Title", show: ({ title }) => title },
  { title: "Supplier", show: ({ supplier }) => supplier?.name },
  { title: "Status", show: ({ status }) => words(status) },
  { title: "Expected", show: ({ expectedOn }) => day(expectedOn) },
  { title: "Delivered", right: true, show: ({ deliveredShare }) => percent(deliveredShare) },
  { title: "Value", right: true, show: ({ value }) => money(value) },
];

export const DELIVERIES = [
  { title: "Reference", show: ({ reference }) => reference },
  { title: "Title", show: ({ title }) => title },
  { title: "Status", show: ({ status }) => words(status) },
  { title: "Planned", show: ({ plannedOn }) => day(plannedOn) },
  { title: "Arrived", show: ({ receivedOn, receivedOnPrecision }) => day(receivedOn, receivedOnPrecision) },
];

const deliveriesOf = ({ nodes }) => {
  const lists = nodes.map(({ deliveries }) => deliveries);
  return {
    nodes: lists.flatMap((list) => list.nodes),
    totalCount: lists.reduce((sum, { totalCount }) => sum + totalCount, 0),
  };
};

export const PROCUREMENT = {
  field: "procurements",
  name: "procurement",
  section: "groups",
  title: "Procurement",
  steps: ["PLANNING", "APPROVED", "TENDERING", "AWARDED", "ORDERED", "DELIVERING", "COMPLETED"],
  titleOf: ({ title }) => title,
  texts: ({ description }) => [description],
  facts: (procurement) => [
    ["Late", procurement.isOverdue ? <Badge>OVERDUE</Badge> : null],
    ["Priority", words(procurement.priority)],
    ["Planned year", procurement.plannedYear],
    ["Method", words(procurement.method)],
    ["Category", words(procurement.category)],
    ["Group", groupOf(procurement.group)],
    ["Lead", nameOf(procurement.leadParticipant)],
    ["Buyer", nameOf(procurement.procuringEntity)],
    ["Estimated value", money(procurement.estimatedValue)],
    ["Funded", money(procurement.fundedAmount)],
    ["Funded share", percent(procurement.fundedShare)],
    ["Pledged, not funding", money(procurement.pledgedAmount)],
    ["Not funded", money(procurement.unmetAmount)],
    ["Ordered", moneys(procurement.orderedValue)],
    ["Owed", moneys(procurement.owedValue)],
  ],
  lists: (procurement) => [
    ["Needs", procurement.needs, NEEDS],
    ["Money", procurement.allocations, ALLOCATIONS],
    ["Purchase orders", procurement.purchaseOrders, ORDERS],
    ["Deliveries", deliveriesOf(procurement.purchaseOrders), DELIVERIES],
  ],
};
