"use client";

import { useRouter } from "next/navigation";
import { useState, type SubmitEvent } from "react";

import { login, register } from "@/lib/api";

type Props = { action: "login" | "register"; button: string };

export function CredentialsForm({ action, button }: Props) {
  const router = useRouter();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const enter = action === "login" ? login : register;
    setBusy(true);
    setProblem("");
    try {
      await enter(String(fields.get("email")), String(fields.get("password")));
      router.replace("/");
    } catch (error) {
      setProblem(String((error as Error).message));
      setBusy(false);
    }
  }

  return (
    <form className="credentials" method="post" onSubmit={submit} data-testid={`${action}-form`}>
      <label htmlFor="email">Email</label>
      <input id="email" name="email" type="email" autoComplete="email" required />
      <label htmlFor="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autoComplete={action === "login" ? "current-password" : "new-password"}
        minLength={action === "register" ? 8 : undefined}
        required
      />
      {problem && <p role="alert">{problem}</p>}
      <button type="submit" disabled={busy}>
        {button}
      </button>
    </form>
  );
}
