"""The tasks of the user who calls. Nobody else's task can be told from a missing one."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, status
from sqlalchemy import select

from app.dependencies import CurrentUser, DbSession
from app.models import Task
from app.schemas import NewTask, TaskChange, TaskOut

router = APIRouter(prefix="/api/tasks", tags=["tasks"])


def get_own_task(task_id: UUID, user: CurrentUser, session: DbSession) -> Task:
    task = session.scalar(select(Task).where(Task.id == task_id, Task.user_id == user.id))
    if task is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No such task")
    return task


OwnTask = Annotated[Task, Depends(get_own_task)]


@router.get("", response_model=list[TaskOut])
def list_tasks(
    user: CurrentUser,
    session: DbSession,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Sequence[Task]:
    """List tasks, newest first."""
    mine = select(Task).where(Task.user_id == user.id)
    newest_first = mine.order_by(Task.created_at.desc(), Task.id)
    return session.scalars(newest_first.limit(limit).offset(offset)).all()


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TaskOut)
def add_task(new: NewTask, user: CurrentUser, session: DbSession) -> Task:
    task = Task(user_id=user.id, **new.model_dump())
    session.add(task)
    session.commit()
    return task


@router.get("/{task_id}", response_model=TaskOut)
def read_task(task: OwnTask) -> Task:
    return task


@router.patch("/{task_id}", response_model=TaskOut)
def change_task(change: TaskChange, task: OwnTask, session: DbSession) -> Task:
    for field, value in change.model_dump(exclude_none=True).items():
        setattr(task, field, value)
    session.commit()
    return task


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_task(task: OwnTask, session: DbSession) -> None:
    session.delete(task)
    session.commit()
