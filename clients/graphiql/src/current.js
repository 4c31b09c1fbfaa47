// GraphiQL learns the operation's name a moment after the text has changed, and sends until then the one it knew:
// run at once, a new text would be asked for an operation of the old one.
export function current(operation) {
  const { operationName, query } = operation;
  const stale = operationName && !new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(query);
  return stale ? { ...operation, operationName: undefined } : operation;
}
