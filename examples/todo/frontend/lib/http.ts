// Calls to the API: adds the access token, and refreshes it once when it has expired.

import { forgetTokens, readTokens, storeTokens, type Tokens } from "@/lib/session";

const BASE = process.env.NEXT_PUBLIC_API_URL || "/api";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = new Headers();
  const tokens = readTokens();
  if (tokens) headers.set("Authorization", `Bearer ${tokens.access_token}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  return fetch(BASE + path, { method, headers, body: JSON.stringify(body), cache: "no-store" });
}

let refreshing: Promise<boolean> | null = null;

// A refresh token works once, so requests that fail together must share one refresh.
function refreshOnce(): Promise<boolean> {
  refreshing ??= refresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refresh(): Promise<boolean> {
  const used = readTokens()?.refresh_token;
  if (!used) return false;
  const response = await send("POST", "/auth/refresh", { refresh_token: used });
  if (response.ok) {
    storeTokens((await response.json()) as Tokens);
    return true;
  }
  if (response.status !== 401) throw await errorOf(response);
  // Another tab may have used the token first and stored the next one.
  if (readTokens()?.refresh_token !== used) return readTokens() !== null;
  forgetTokens();
  return false;
}

export async function call<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  let response = await send(method, path, body);
  if (response.status === 401 && !path.startsWith("/auth/log") && (await refreshOnce())) {
    response = await send(method, path, body);
  }
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Result;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => null);
  return new ApiError(response.status, describe(body?.detail, response.status));
}

function describe(detail: unknown, status: number): string {
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) {
    return detail.map(({ loc, msg }) => `${loc?.at(-1) ?? "input"}: ${msg}`).join(". ");
  }
  return `The server answered with status ${status}`;
}
