import type { Actor } from '#src/protections/app-core/context.ts';
import type { Queries } from '#src/services/db/database.ts';
import { actorOfUser, findUser } from '#src/services/users/users.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text can be the id of a user at all: the database would fail on another. */
export const isUserId = (id: string): boolean => uuid.test(id);

/** The user of a job as the table of users knows them now, not as they were when they left it. */
export const loadUser = async (db: Queries, id: string): Promise<Actor | undefined> => {
  const user = isUserId(id) ? await findUser(db, id) : undefined;
  return user === undefined ? undefined : actorOfUser(user); // protect: Q467 (actorOfUser(user) -> { id: user.id, roles: user.roles })
};
