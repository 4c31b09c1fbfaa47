import { day, words } from "./format.js";

const TONES = {
  HIGH: "bad",
  CRITICAL: "bad",
  MEDIUM: "warn",
  LOW: "calm",
  OVERDUE: "bad",
};

export function Badge({ children, tone }) {
  return <span className={`badge ${tone ?? TONES[children] ?? "plain"}`}>{words(children)}</span>;
}

const KINDS = {
  need: "need",
  procurement: "procurement",
  contribution: "contribution",
  meeting: "meeting",
};

// A link to the page of an object.
export function Ref({ children, kind, reference }) {
  return reference && KINDS[kind] ? (
    <a className="ref" href={`#/${kind}/${encodeURIComponent(reference)}`}>
      {children ?? reference}
    </a>
  ) : (
    (children ?? reference)
  );
}

export function Sources({ sources }) {
  if (!sources.length) return null;
  return (
    <details className="sources">
      <summary>Sources ({sources.length})</summary>
      <ul>
        {sources.map(({ confidence, note, publishedOn, publisher, url }) => (
          <li key={url}>
            <a href={url} rel="noreferrer">
              {publisher ?? url}
            </a>
            {publishedOn ? `, ${day(publishedOn)}` : ""}
            {confidence ? `, confidence ${words(confidence).toLowerCase()}` : ""}
            {note ? `: ${note}` : ""}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Legend({ entries }) {
  return (
    <ul className="legend">
      {entries.map(([label, color]) => (
        <li key={label}>
          <span aria-hidden="true" className="swatch" style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}

// A share from 0 to 1 as a bar; the text beside it says the same.
export function Meter({ label, parts }) {
  return (
    <span aria-label={label} className="meter" role="img">
      {parts.map(([share, color], index) => (
        <span key={index} style={{ background: color, width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      ))}
    </span>
  );
}
