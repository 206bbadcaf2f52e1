import { createApp } from '@/create-app'

createApp().listen(Number(process.env.PORT), '127.0.0.1')
