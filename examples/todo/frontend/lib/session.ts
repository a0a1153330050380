// The tokens of the person who is logged in, kept across page loads.

export type Tokens = { access_token: string; refresh_token: string };

const KEY = "todo.tokens";

export function readTokens(): Tokens | null {
  const stored = localStorage.getItem(KEY);
  return stored ? (JSON.parse(stored) as Tokens) : null;
}

export function storeTokens(tokens: Tokens): void {
  const { access_token, refresh_token } = tokens;
  localStorage.setItem(KEY, JSON.stringify({ access_token, refresh_token }));
}

export function forgetTokens(): void {
  localStorage.removeItem(KEY);
}
