const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 20 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const UNKNOWN = "—";

// Amounts are text, so no digit is lost.
export const number = (text) => (text == null ? UNKNOWN : NUMBER.format(text));

export const money = (amount) => (amount == null ? UNKNOWN : `${amount.currency} ${number(amount.amount)}`);

export const moneys = (amounts) => (amounts?.length ? amounts.map(money).join(", ") : UNKNOWN);

export const percent = (share) => (share == null ? UNKNOWN : PERCENT.format(share));

// Codes of UN/CEFACT Recommendation 20 that are not words.
const UNITS = { H87: "pieces", KT: "kits", SET: "sets" };

export const unitOf = (code) => UNITS[code] ?? code;

export const quantity = (value, unit) =>
  value == null ? UNKNOWN : [number(value), unitOf(unit)].filter(Boolean).join(" ");

// Statuses and kinds are shown as words: IN_PROCUREMENT as "In procurement".
export function words(name) {
  if (!name) return UNKNOWN;
  const text = name.replaceAll("_", " ").toLowerCase();
  return text[0].toUpperCase() + text.slice(1);
}

export function day(date, precision) {
  if (!date) return UNKNOWN;
  const value = new Date(`${date}T00:00:00Z`);
  if (precision === "YEAR") return date.slice(0, 4);
  if (precision === "MONTH") return MONTH.format(value);
  if (precision === "WEEK") return `week of ${DAY.format(value)}`;
  return precision === "REPORTED_BY" ? `by ${DAY.format(value)}` : DAY.format(value);
}

// The same in files: only the parts of the date that are known.
export function isoDay(date, precision) {
  if (!date) return null;
  if (precision === "YEAR") return date.slice(0, 4);
  if (precision === "MONTH") return date.slice(0, 7);
  if (precision === "WEEK") return `week of ${date}`;
  return precision === "REPORTED_BY" ? `by ${date}` : date;
}

export const moment = (time) => MINUTE.format(new Date(time));

// Every public statement about some objects, each once.
export function sourcesOf(objects) {
  const all = objects.flatMap((each) => each?.sources ?? []);
  return [...new Map(all.map((source) => [source.url, source])).values()];
}

export const amountOf = (amount) => Number(amount?.amount ?? 0);

export function groupsOf(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups];
}
