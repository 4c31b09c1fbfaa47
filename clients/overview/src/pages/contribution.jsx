import { day, money, words } from "../format.js";
import { nameOf, refColumn } from "./object.jsx";
import { DELIVERIES } from "./procurement.jsx";

const PARTS = [
  refColumn("Reference", "contribution"),
  { title: "Donors", show: ({ donorCodes }) => donorCodes },
  { title: "Amount", right: true, show: ({ amount }) => money(amount) },
];

const ALLOCATIONS = [
  refColumn("Procurement", "procurement", ({ procurement }) => procurement?.reference),
  { title: "Title", show: ({ procurement }) => procurement?.title },
  { title: "Status", show: ({ procurement }) => words(procurement?.status) },
  { title: "Amount", right: true, show: ({ amount }) => money(amount) },
];

const PAYMENTS = [
  { title: "Paid", show: ({ paidOn }) => day(paidOn) },
  { title: "Amount", right: true, show: ({ amount }) => money(amount) },
];

const donorsOf = ({ donors }) => donors.nodes.map(({ participant }) => participant?.name).filter(Boolean).join(", ");

export const CONTRIBUTION = {
  field: "contributions",
  name: "contribution",
  section: "money",
  title: "Contribution",
  steps: ["PLEDGED", "COMMITTED", "DISBURSED"],
  titleOf: (contribution) =>
    [donorsOf(contribution), contribution.kind === "IN_KIND" ? "goods" : "money"].filter(Boolean).join(": "),
  texts: ({ earmark, note }) => [earmark, note],
  facts: (contribution) => [
    ["Donors", contribution.donors.nodes.map(({ participant }) => nameOf(participant)).filter(Boolean).join(", ")],
    ["Amount", money(contribution.amount)],
    ["Meaning of the amount", words(contribution.statementKind)],
    ["In sums", contribution.countsInSums ? "Yes" : `No: ${words(contribution.leftOutOfSums).toLowerCase()}`],
    ["Allocated", money(contribution.allocated)],
    ["Not allocated", money(contribution.unallocated)],
    ["Paid", money(contribution.paid)],
    ["Announced", day(contribution.announcedOn, contribution.announcedOnPrecision)],
    ["Committed", day(contribution.committedOn, contribution.committedOnPrecision)],
    ["Part of", contribution.partOf?.reference],
  ],
  lists: (contribution) => [
    ["Parts", contribution.parts, PARTS],
    ["Allocations", contribution.allocations, ALLOCATIONS],
    ["Payments", contribution.disbursements, PAYMENTS],
    ["Deliveries", contribution.deliveries, DELIVERIES],
  ],
};
