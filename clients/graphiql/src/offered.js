// The server writes this data into the page. Without it, the user can still type a token.
export const {
  api,
  personas = [],
  signIn,
  signOut,
  signedIn,
  trustedOnly = false,
} = JSON.parse(document.querySelector('meta[name="coalition"]')?.content ?? "{}");

export const headersOf = ({ token }) => ({ Authorization: `Bearer ${token}` });
