import { onTestFinished } from 'vitest'
import { type ChatServer, type ChatServerOptions, openChatServer } from './chat-server.ts'

/** A chat server that lives as long as the test, or until it is stopped. */
export async function startChatServer(options: ChatServerOptions = {}): Promise<ChatServer> {
  const server = await openChatServer(options)
  onTestFinished(server.stop)
  return server
}
