import { Router } from 'express';

export const routes = Router();
