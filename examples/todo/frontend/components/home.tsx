"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

import { TaskList } from "@/components/task-list";
import { logout, me, type User } from "@/lib/api";
import { ApiError } from "@/lib/http";
import { readTokens } from "@/lib/session";

export function Home() {
  const router = useRouter();
  const [user, setUser] = useState<User | null>(null);
  const [problem, setProblem] = useState("");

  useEffect(() => {
    if (!readTokens()) {
      router.replace("/login");
      return;
    }
    me().then(setUser, (error: Error) => {
      if (error instanceof ApiError && error.status === 401) router.replace("/login");
      else setProblem(error.message);
    });
  }, [router]);

  async function leave() {
    try {
      await logout();
    } catch {
      // The tokens are gone from this browser; the server's copy will expire.
    }
    router.replace("/login");
  }

  if (problem) return <p role="alert">{problem}</p>;
  if (!user) return <p className="aside">Loading</p>;
  return (
    <>
      <header>
        <span data-testid="user">{user.email}</span>
        <button type="button" className="quiet" onClick={leave}>
          Log out
        </button>
      </header>
      <TaskList />
    </>
  );
}
