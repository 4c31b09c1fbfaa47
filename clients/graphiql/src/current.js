// GraphiQL updates the operation's name a moment after the text changes. Until then it sends the old name, so a new
// text that runs at once would fail: it has no operation with the old name.
export function current(operation) {
  const { operationName, query } = operation;
  const stale = operationName && !new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(query);
  return stale ? { ...operation, operationName: undefined } : operation;
}
