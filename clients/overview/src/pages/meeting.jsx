import { day, number, words } from "../format.js";
import { groupOf, nameOf } from "./object.jsx";

const AGENDA = [
  { title: "Number", show: ({ ordinal }) => ordinal },
  { title: "Subject", show: ({ title }) => title },
];

const DECISIONS = [
  { title: "Reference", show: ({ reference }) => reference },
  { title: "Decision", show: ({ text }) => text },
  { title: "Subject", show: ({ kind }) => words(kind) },
  { title: "Outcome", show: ({ outcome }) => words(outcome) },
];

const ATTENDANCES = [
  { title: "Participant", show: ({ participant }) => nameOf(participant) },
  { title: "Capacity", show: ({ capacity }) => words(capacity) },
];

const FIGURES = [
  { title: "Measure", show: ({ measure }) => words(measure) },
  { title: "Value", right: true, show: ({ value }) => number(value) },
];

export const MEETING = {
  field: "meetings",
  name: "meeting",
  section: "timeline",
  title: "Meeting",
  steps: ["PLANNED", "HELD"],
  titleOf: ({ title }) => title,
  texts: ({ note }) => [note],
  facts: (meeting) => [
    ["Date", day(meeting.heldOn, meeting.heldOnPrecision)],
    ["Body", words(meeting.body)],
    ["Number", meeting.number],
    ["Group", groupOf(meeting.group)],
    ["Place", meeting.place],
    ["Host", nameOf(meeting.host)],
  ],
  lists: (meeting) => [
    ["Agenda", meeting.agenda, AGENDA],
    ["Decisions", meeting.decisions, DECISIONS],
    ["Attendance", meeting.attendances, ATTENDANCES],
    ["Published figures", meeting.publishedFigures, FIGURES],
  ],
};
