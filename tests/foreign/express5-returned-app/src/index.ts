import express from 'express';
import { routes } from './routes.js';

export const createApp = () => express().use(routes);
