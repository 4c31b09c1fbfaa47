import { plot } from "@observablehq/plot";
import { useEffect, useRef, useState } from "react";

// A picture drawn with Observable Plot, as wide as its place. `options` returns Plot's options for a width.
export function Chart({ label, options }) {
  const place = useRef(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!width) return;
    const picture = plot({ width, style: { background: "transparent", fontFamily: "inherit", fontSize: "12px" }, ...options(width) });
    // The label describes the whole picture; Plot's labels of its parts have no role of their own.
    for (const part of picture.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", label);
    place.current.replaceChildren(picture);
  }, [label, options, width]);
  return <div className="chart" ref={place} />;
}

const FONT = '12px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif';
const COMPACT = new Intl.NumberFormat("en", { notation: "compact" });

// The numbers on an axis of amounts; the table has the exact ones.
export const compact = (value) => COMPACT.format(value);

// The margin for the names beside the bars, at most two fifths of the picture, and names short enough for it. The
// table below the picture has the whole names.
export function labels(names, width) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = FONT;
  const lengthOf = (text) => context.measureText(text).width * 1.05;
  const space = Math.min(Math.max(...names.map(lengthOf)), width * 0.4);
  const shorten = (name) => {
    let length = name.length;
    while (length > 1 && lengthOf(`${name.slice(0, length)}…`) > space) length -= 1;
    return lengthOf(name) > space ? `${name.slice(0, length)}…` : name;
  };
  return { marginLeft: Math.ceil(space) + 12, shorten };
}
