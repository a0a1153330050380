import type { Task } from "@/lib/api";

type Props = { task: Task; onToggle: (task: Task) => void; onDelete: (task: Task) => void };

export function TaskItem({ task, onToggle, onDelete }: Props) {
  return (
    <li data-testid="task" className={task.done ? "done" : undefined}>
      <label>
        <input type="checkbox" checked={task.done} onChange={() => onToggle(task)} />
        {task.title}
      </label>
      <button
        type="button"
        className="quiet"
        aria-label={`Delete ${task.title}`}
        onClick={() => onDelete(task)}
      >
        Delete
      </button>
    </li>
  );
}
