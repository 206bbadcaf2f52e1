import { errorCode } from './disk.ts';

/** Whether a process with this number lives, and is not this one. */
export const isOtherProcess = (pid: number): boolean => {
  if (pid === process.pid || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
};
