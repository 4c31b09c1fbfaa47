import { UNKNOWN } from "./format.js";

// A column has a title, the value of a row for the CSV, and optionally what the page shows (`show`) and `right`.
export function Table({ caption, columns, rows }) {
  return (
    <div aria-label={caption} className="scroll" role="region" tabIndex={0}>
      <table>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, right }) => (
              <th className={right ? "right" : undefined} key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map(({ title, right, show, value }) => (
                <td className={right ? "right" : undefined} key={title}>
                  {(show ?? value)(row) ?? UNKNOWN}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Two columns for an amount: CSV needs the number and the currency apart, the page shows them together.
export const moneyColumn = (title, amountOf, format) => ({
  title,
  right: true,
  value: (row) => amountOf(row)?.amount,
  show: (row) => format(amountOf(row)),
});
