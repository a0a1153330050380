// What the pages can ask of the API.

import { call } from "@/lib/http";
import { forgetTokens, readTokens, storeTokens, type Tokens } from "@/lib/session";

export type User = { id: string; email: string };
export type Task = { id: string; title: string; done: boolean };

export async function login(email: string, password: string): Promise<void> {
  storeTokens(await call<Tokens>("POST", "/auth/login", { email, password }));
}

export async function register(email: string, password: string): Promise<void> {
  await call("POST", "/auth/register", { email, password });
  await login(email, password);
}

export async function logout(): Promise<void> {
  const tokens = readTokens();
  forgetTokens();
  if (tokens) await call("POST", "/auth/logout", { refresh_token: tokens.refresh_token });
}

export const me = () => call<User>("GET", "/auth/me");
export const listTasks = () => call<Task[]>("GET", "/tasks");
export const addTask = (title: string) => call<Task>("POST", "/tasks", { title });
export const setDone = (id: string, done: boolean) => call<Task>("PATCH", `/tasks/${id}`, { done });
export const deleteTask = (id: string) => call<void>("DELETE", `/tasks/${id}`);
