"use client";

import { useEffect, useState, type SubmitEvent } from "react";

import { TaskItem } from "@/components/task-item";
import { addTask, deleteTask, listTasks, setDone, type Task } from "@/lib/api";

export function TaskList() {
  const [tasks, setTasks] = useState<Task[] | null>(null);
  const [problem, setProblem] = useState("");

  async function attempt(action: () => Promise<void>) {
    setProblem("");
    try {
      await action();
    } catch (error) {
      setProblem((error as Error).message);
    }
  }

  useEffect(() => {
    listTasks().then(setTasks, (error: Error) => setProblem(error.message));
  }, []);

  function add(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const title = String(new FormData(form).get("title"));
    void attempt(async () => {
      const task = await addTask(title);
      setTasks((all) => [task, ...(all ?? [])]);
      form.reset();
    });
  }

  const toggle = (task: Task) =>
    attempt(async () => {
      const changed = await setDone(task.id, !task.done);
      setTasks((all) => all?.map((other) => (other.id === task.id ? changed : other)) ?? null);
    });

  const remove = (task: Task) =>
    attempt(async () => {
      await deleteTask(task.id);
      setTasks((all) => all?.filter((other) => other.id !== task.id) ?? null);
    });

  return (
    <>
      <form className="new-task" onSubmit={add} data-testid="new-task-form">
        <label htmlFor="title">New task</label>
        <input id="title" name="title" maxLength={200} autoComplete="off" required />
        <button type="submit">Add</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      <ul data-testid="tasks">
        {tasks?.map((task) => (
          <TaskItem key={task.id} task={task} onToggle={toggle} onDelete={remove} />
        ))}
      </ul>
      {tasks?.length === 0 && <p className="aside">Nothing to do.</p>}
    </>
  );
}
