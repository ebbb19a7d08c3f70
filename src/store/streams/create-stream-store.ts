// Topics, groups and dead letters over scripts.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { appendBlocks } from "./append-blocks.ts";
import { claimPartitions, releasePartitions } from "./claim-partitions.ts";
import { discardDeadLetters, findDeadLetter, listDeadLetters, retryDeadLetters } from "./dead-letters.ts";
import { deliver } from "./deliver.ts";
import { listDueJoins, measureJoins, readJoins } from "./held/joins.ts";
import { beginPayloadRemoval, dropPayloadReferences, endPayloadRemoval, touchPayloads } from "./held/payloads.ts";
import { deleteGroup, seekGroup } from "./move-groups.ts";
import { findBlockAt, readBlocks } from "./read-blocks.ts";
import { findGroup, listGroups } from "./read-groups.ts";
import { listParked } from "./set-aside.ts";
import type { StreamStore } from "./stream-store.ts";
import { declareTopic, deleteTopic, findTopic, isAsDeclared, listTopics, readBounds } from "./topics.ts";
import { trimTopics, truncateTopic } from "./trim-topics.ts";

/** The embedded log, and the groups that read topics of any log. */
export function createStreamStore({ read, write, once }: ScriptRunner): StreamStore {
  return {
    declareTopic: async (declaration) => {
      // The usual case takes no lock.
      const topic = await read(() => findTopic(declaration.name));
      if (isAsDeclared(topic, declaration)) return topic;
      return await write(({ nowMs }) => declareTopic(declaration, nowMs));
    },
    findTopic: (name) => read(() => findTopic(name)),
    listTopics: () => read(listTopics),
    readBounds: (topicIds) => once(() => readBounds(topicIds)),
    appendBlocks: (appends) => write(({ nowMs }) => appendBlocks(appends, nowMs)),
    readBlocks: (request) => once(() => readBlocks(request)),
    findBlockAt: ({ topicId, partition, timeMs }) => read(() => findBlockAt(topicId, partition, timeMs)),
    truncateTopic: (cut) => write(() => truncateTopic(cut)),
    deleteTopic: (topicId) => write(() => deleteTopic(topicId)),
    claimPartitions: (fence, declaration) => write(({ nowMs }) => claimPartitions(fence, declaration, nowMs)),
    releasePartitions: (fence, group, partitions) => write(() => releasePartitions(fence, group, partitions)),
    deliver: (fence, delivery) => write(({ nowMs }) => deliver(fence, delivery, nowMs)),
    listParked: (query) => read(() => listParked(query)),
    readJoins: (query) => read(() => readJoins(query)),
    listDueJoins: (query) => read(() => listDueJoins(query)),
    measureJoins: ({ group, partition }) => read(() => measureJoins(group, partition)),
    listJoins: (group) => read(() => measureJoins(group)),
    touchPayloads: (payloads) => write(({ nowMs }) => touchPayloads(payloads, nowMs)),
    dropPayloadReferences: () => write(dropPayloadReferences),
    beginPayloadRemoval: (page) => write(({ nowMs }) => beginPayloadRemoval(page, nowMs)),
    endPayloadRemoval: (hashes) => write(() => endPayloadRemoval(hashes)),
    listGroups: () => read(listGroups),
    findGroup: (group) => read(() => findGroup(group)),
    listDeadLetters: (page) => read(() => listDeadLetters(page)),
    findDeadLetter: (id) => read(() => findDeadLetter(id)),
    retryDeadLetters: (selection) => write(({ nowMs }) => retryDeadLetters(selection, nowMs)),
    discardDeadLetters: (selection) => write(() => discardDeadLetters(selection)),
    seekGroup: (group, positions, options) => write(() => seekGroup(group, positions, options)),
    deleteGroup: (group) => write(() => deleteGroup(group)),
    trimTopics: (request) => write(({ nowMs }) => trimTopics(request, nowMs)),
  };
}
