// Made by controller/web/generate.ts of the OpenAPI document 005ca17b5343e171ca0d03b3fa27d5a1; not to be edited.
export interface paths {
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole network: wanted and observed */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            ready: boolean;
                            why: string[];
                            fabric: string | null;
                            revision: number | null;
                            epoch: number;
                            broker: string;
                            messages: {
                                accepted: number;
                                refused: number;
                            };
                            planes: {
                                plane: string;
                                revision: number;
                                drained: boolean;
                                routers: number;
                                routersOnline: number;
                                edgesWanted: number;
                                edgesObserved: number;
                            }[];
                            edges: {
                                edge: string;
                                site: string;
                                wanted: string;
                                reason: string;
                                attachments: {
                                    plane: string;
                                    up: boolean;
                                    why: string;
                                }[];
                                observed: {
                                    externalEdge: string;
                                    inbound: string | null;
                                    outbound: string | null;
                                    ageMs: number | null;
                                    rttUs: number | null;
                                    lost: number | null;
                                }[];
                                ports: {
                                    router: string;
                                    plane: string;
                                    interface: string;
                                    inPackets: number;
                                    outPackets: number;
                                    inPps: number | null;
                                    outPps: number | null;
                                }[];
                                asWanted: boolean;
                                notes: string[];
                            }[];
                            nodes: {
                                name: string;
                                role: string;
                                site: string;
                                plane: string | null;
                                online: boolean;
                                agentVersion: string | null;
                                certificate: {
                                    state: string;
                                    serial: string;
                                    ends: string;
                                } | null;
                                wantedGeneration: number;
                                generation: number | null;
                                epoch: number | null;
                                converged: boolean;
                                sessionsUp: number;
                                sessionsWanted: number;
                                bfd: {
                                    neighbour: string;
                                    state: "up" | "down" | "none";
                                }[];
                                service: {
                                    kind: string;
                                    announces: string[];
                                    working: boolean;
                                    since: string | null;
                                    reason: string;
                                    starts: number;
                                    looks: number;
                                    failed: number;
                                } | null;
                                conditions: number;
                                refused: string | null;
                                why: string[];
                                warnings: {
                                    code: "disk-nearly-full" | "inodes-nearly-gone" | "memory-short" | "clock-not-synchronised" | "clock-differs" | "hot" | "overloaded";
                                    subject: string;
                                    value: number;
                                    text: string;
                                }[];
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/edges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where every Edge is wanted and observed */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            edges: {
                                edge: string;
                                site: string;
                                wanted: string;
                                reason: string;
                                attachments: {
                                    plane: string;
                                    up: boolean;
                                    why: string;
                                }[];
                                observed: {
                                    externalEdge: string;
                                    inbound: string | null;
                                    outbound: string | null;
                                    ageMs: number | null;
                                    rttUs: number | null;
                                    lost: number | null;
                                }[];
                                ports: {
                                    router: string;
                                    plane: string;
                                    interface: string;
                                    inPackets: number;
                                    outPackets: number;
                                    inPps: number | null;
                                    outPps: number | null;
                                }[];
                                asWanted: boolean;
                                notes: string[];
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every router that runs our agent */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            nodes: {
                                name: string;
                                role: string;
                                site: string;
                                plane: string | null;
                                online: boolean;
                                agentVersion: string | null;
                                certificate: {
                                    state: string;
                                    serial: string;
                                    ends: string;
                                } | null;
                                wantedGeneration: number;
                                generation: number | null;
                                epoch: number | null;
                                converged: boolean;
                                sessionsUp: number;
                                sessionsWanted: number;
                                bfd: {
                                    neighbour: string;
                                    state: "up" | "down" | "none";
                                }[];
                                service: {
                                    kind: string;
                                    announces: string[];
                                    working: boolean;
                                    since: string | null;
                                    reason: string;
                                    starts: number;
                                    looks: number;
                                    failed: number;
                                } | null;
                                conditions: number;
                                refused: string | null;
                                why: string[];
                                warnings: {
                                    code: "disk-nearly-full" | "inodes-nearly-gone" | "memory-short" | "clock-not-synchronised" | "clock-differs" | "hot" | "overloaded";
                                    subject: string;
                                    value: number;
                                    text: string;
                                }[];
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One node: its parts, and what it said last */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: {
                                name: string;
                                role: string;
                                site: string;
                                plane: string | null;
                                online: boolean;
                                agentVersion: string | null;
                                certificate: {
                                    state: string;
                                    serial: string;
                                    ends: string;
                                } | null;
                                wantedGeneration: number;
                                generation: number | null;
                                epoch: number | null;
                                converged: boolean;
                                sessionsUp: number;
                                sessionsWanted: number;
                                bfd: {
                                    neighbour: string;
                                    state: "up" | "down" | "none";
                                }[];
                                service: {
                                    kind: string;
                                    announces: string[];
                                    working: boolean;
                                    since: string | null;
                                    reason: string;
                                    starts: number;
                                    looks: number;
                                    failed: number;
                                } | null;
                                conditions: number;
                                refused: string | null;
                                why: string[];
                                warnings: {
                                    code: "disk-nearly-full" | "inodes-nearly-gone" | "memory-short" | "clock-not-synchronised" | "clock-differs" | "hot" | "overloaded";
                                    subject: string;
                                    value: number;
                                    text: string;
                                }[];
                            };
                            parts: ({
                                name: string;
                                sha256: string;
                                generation: number;
                            } & {
                                [key: string]: unknown;
                            })[];
                            report: {
                                /** @enum {number} */
                                version: 1;
                                node: string;
                                epoch: number;
                                generation: number;
                                parts: {
                                    [key: string]: number;
                                };
                                converged: boolean;
                                objects: {
                                    [key: string]: number;
                                };
                                kernel?: {
                                    observed?: string;
                                    wanted: string;
                                    since: string;
                                    kinds: {
                                        kind: string;
                                        observed?: string;
                                        wanted: string;
                                    }[];
                                };
                                conditions: {
                                    object: string;
                                    state: "pending" | "done" | "error";
                                    since: string;
                                    reason: string;
                                }[];
                                sessions: {
                                    neighbour: string;
                                    state: string;
                                    received: number;
                                    accepted: number;
                                    bfd?: "up" | "down";
                                    note?: string;
                                }[];
                                services?: {
                                    name: "resolver" | "translator" | "access" | "vpn";
                                    working: boolean;
                                    since: string;
                                    reason: string;
                                    running: boolean;
                                    starts: number;
                                    looks: number;
                                    failed: number;
                                }[];
                                tunnels?: {
                                    id: string;
                                    local: string;
                                }[];
                                refused?: {
                                    at: string;
                                    code: string;
                                    reason: string;
                                };
                                content?: string;
                                lineage?: number;
                                abilities?: string[];
                                trusts?: string[];
                                trial?: {
                                    epoch: number;
                                    generation: number;
                                    connection?: string;
                                    leftMs: number;
                                };
                                takenBack?: {
                                    at: string;
                                    epoch: number;
                                    generation: number;
                                    reason: string;
                                };
                            } | null;
                            observation: {
                                /** @enum {number} */
                                version: 1;
                                node: string;
                                at: string;
                                edges: {
                                    edge: string;
                                    target?: string;
                                    inbound: string | null;
                                    outbound: string | null;
                                    inboundSinceMs: number;
                                    outboundSinceMs: number;
                                    rttUs: number | null;
                                    lost: number;
                                }[];
                            } | null;
                            counters: {
                                /** @enum {number} */
                                version: 1;
                                node: string;
                                at: string;
                                ports: {
                                    interface: string;
                                    peer: string;
                                    inPackets: number;
                                    outPackets: number;
                                }[];
                                destinations?: {
                                    prefix: string;
                                    octets: number;
                                }[];
                                links?: {
                                    interface: string;
                                    peer: string;
                                    rxErrors: number;
                                    txErrors: number;
                                    rxDropped: number;
                                    txDropped: number;
                                    rxOctets?: number;
                                    txOctets?: number;
                                }[];
                            } | null;
                            machine: {
                                /** @enum {number} */
                                version: 1;
                                node: string;
                                at: string;
                                inventory?: {
                                    architecture?: string;
                                    board?: string;
                                    isVirtual?: boolean;
                                    processor?: string;
                                    system?: string;
                                    versions: {
                                        name: string;
                                        version: string;
                                    }[];
                                };
                                uptimeS?: number;
                                processors?: number;
                                load?: number[];
                                memory?: {
                                    totalOctets: number;
                                    availableOctets: number;
                                    swapTotalOctets: number;
                                    swapFreeOctets: number;
                                };
                                filesystems: {
                                    path: string;
                                    usedOctets: number;
                                    availableOctets: number;
                                    inodes?: number;
                                    inodesFree?: number;
                                }[];
                                temperature?: number;
                                clockSynchronised?: boolean;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{name}/bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a node needs to start without a controller in reach */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Revisions of the fabric, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            current: number | null;
                            revisions: {
                                revision: number;
                                file: string;
                                sha256: string;
                                author: string;
                                note: string;
                                at: string;
                                madeOf: {
                                    base: number;
                                    planes: {
                                        [key: string]: number;
                                    };
                                } | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One revision with its fabric file as it was written */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    revision: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            revision: number;
                            file: string;
                            sha256: string;
                            author: string;
                            note: string;
                            at: string;
                            madeOf: {
                                base: number;
                                planes: {
                                    [key: string]: number;
                                };
                            } | null;
                            text: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sites, planes, nodes and links of the fabric in force */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            revision: number | null;
                            sites: string[];
                            planes: string[];
                            nodes: {
                                name: string;
                                role: string;
                                site: string;
                                plane: string | null;
                                service: string | null;
                                ours: boolean;
                            }[];
                            links: {
                                name: string;
                                a: string;
                                b: string;
                                kind: string;
                                cost: number;
                                mtu: number;
                                peer: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/topology/loads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What goes over every link of which a node tells, and what is lost there */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            links: {
                                name: string;
                                /** @description Megabits a second from end a to end b. */
                                aToBMbps: number | null;
                                /** @description Megabits a second from end b to end a. */
                                bToAMbps: number | null;
                                /** @description Packets a second that kernels at its ends dropped or found broken. */
                                lostPps: number | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fabric": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a fabric file, store it as a revision and publish it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        text: string;
                        file: string;
                        /** @default  */
                        note: string;
                        /** @default false */
                        dryRun: boolean;
                        /** @description Only what the file says of this plane; everything else stays as it is. */
                        plane?: string;
                        confirmWithinS?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            dryRun: boolean;
                            revision: number | null;
                            stored: boolean;
                            diff: {
                                node: string;
                                change: "added" | "changed" | "removed";
                                lines: string[];
                            }[];
                            plane: string | null;
                            /** @description With a plane: what the file would change in others, and waits for an apply of all of it. */
                            held: string[];
                            dropped: string[];
                            /** @description Expected paths that do not fit this fabric. */
                            unfitPaths: {
                                file: string;
                                line: number;
                                column: number;
                                path: string;
                                message: string;
                            }[];
                            published: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put an earlier revision in force again, as a new one */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        revision: number;
                        confirmWithinS?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            dryRun: boolean;
                            revision: number | null;
                            stored: boolean;
                            diff: {
                                node: string;
                                change: "added" | "changed" | "removed";
                                lines: string[];
                            }[];
                            plane: string | null;
                            /** @description With a plane: what the file would change in others, and waits for an apply of all of it. */
                            held: string[];
                            dropped: string[];
                            /** @description Expected paths that do not fit this fabric. */
                            unfitPaths: {
                                file: string;
                                line: number;
                                column: number;
                                path: string;
                                message: string;
                            }[];
                            published: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/edges/{edge}/steer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lead an Edge to a plane */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    edge: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        plane: string;
                        /** @default 10000 */
                        waitMs: number;
                        /** @default false */
                        exception: boolean;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            edges: {
                                edge: string;
                                plane: string;
                                reason: string;
                            }[];
                            changed: boolean;
                            published: boolean;
                            observed: boolean;
                            sightings: {
                                edge: string;
                                externalEdge: string;
                                direction: "inbound" | "outbound";
                                wanted: string;
                                before: string | null;
                                now: string | null;
                                ms: number | null;
                                nodeClockMs: number | null;
                            }[];
                            missing: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/edges/{edge}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let an Edge go back to the plane it prefers */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    edge: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 10000 */
                        waitMs: number;
                        /** @default false */
                        exception: boolean;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            edges: {
                                edge: string;
                                plane: string;
                                reason: string;
                            }[];
                            changed: boolean;
                            published: boolean;
                            observed: boolean;
                            sightings: {
                                edge: string;
                                externalEdge: string;
                                direction: "inbound" | "outbound";
                                wanted: string;
                                before: string | null;
                                now: string | null;
                                ms: number | null;
                                nodeClockMs: number | null;
                            }[];
                            missing: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/planes/{plane}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lead every Edge off a plane */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    plane: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default false */
                        force: boolean;
                        /** @default 10000 */
                        waitMs: number;
                        /** @default false */
                        exception: boolean;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            edges: {
                                edge: string;
                                plane: string;
                                reason: string;
                            }[];
                            changed: boolean;
                            published: boolean;
                            observed: boolean;
                            sightings: {
                                edge: string;
                                externalEdge: string;
                                direction: "inbound" | "outbound";
                                wanted: string;
                                before: string | null;
                                now: string | null;
                                ms: number | null;
                                nodeClockMs: number | null;
                            }[];
                            missing: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/planes/{plane}/undrain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let Edges use a plane again */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    plane: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 10000 */
                        waitMs: number;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            edges: {
                                edge: string;
                                plane: string;
                                reason: string;
                            }[];
                            changed: boolean;
                            published: boolean;
                            observed: boolean;
                            sightings: {
                                edge: string;
                                externalEdge: string;
                                direction: "inbound" | "outbound";
                                wanted: string;
                                before: string | null;
                                now: string | null;
                                ms: number | null;
                                nodeClockMs: number | null;
                            }[];
                            missing: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rollouts, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rollouts: {
                                id: number;
                                dryRun: boolean;
                                from: string;
                                to: string;
                                stage: string;
                                step: number;
                                steps: {
                                    text: string;
                                    size: number;
                                }[];
                                cohort: {
                                    edge: string;
                                    before: string | null;
                                    left: boolean;
                                    moved: boolean;
                                }[];
                                seen: boolean;
                                ageMs: number;
                                stageMs: number;
                                leastMs: number;
                                paused: string | null;
                                failures: number;
                                verdict: {
                                    verdict: string;
                                    reasons: string[];
                                    ageMs: number;
                                } | null;
                                unjudged: string[];
                                why: string;
                                settings: {
                                    intervalMs: number;
                                    rehearsalMs: number;
                                    moveMs: number;
                                    deadlineMs: number;
                                    failureLimit: number;
                                    baselineNow: boolean;
                                    metrics?: {
                                        [key: string]: {
                                            critical?: boolean;
                                            mustHaveData?: boolean;
                                            off?: boolean;
                                        };
                                    };
                                };
                                author: string;
                                note: string;
                                createdAt: string;
                                endedAt: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Move Edges to another plane step by step, with a judge that can say no */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        to: string;
                        from?: string;
                        /** @default 1,10%,50%,100% */
                        steps: string;
                        /**
                         * @description Only these; neither these nor labels: every Edge on the plane that is left.
                         * @default []
                         */
                        edges: string[];
                        /** @default {} */
                        labels: {
                            [key: string]: string;
                        };
                        /**
                         * @description The first step; else the first of the order.
                         * @default []
                         */
                        canaries: string[];
                        /** @default 60000 */
                        intervalMs: number;
                        rehearsalMs?: number;
                        /** @default 10000 */
                        moveMs: number;
                        /** @default 3600000 */
                        deadlineMs: number;
                        /** @default 1 */
                        failureLimit: number;
                        /**
                         * @description What both planes are before anybody moves is their nature.
                         * @default false
                         */
                        baselineNow: boolean;
                        /**
                         * @description Single metrics otherwise than by default: critical, mustHaveData, off.
                         * @default {}
                         */
                        metrics: {
                            [key: string]: {
                                critical?: boolean;
                                mustHaveData?: boolean;
                                off?: boolean;
                            };
                        };
                        /** @default  */
                        note: string;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One rollout */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What moved when, every verdict with its arithmetic, who did what */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {number} */
                            version: 1;
                            rollout: {
                                id: number;
                                dryRun: boolean;
                                from: string;
                                to: string;
                                stage: string;
                                step: number;
                                steps: {
                                    text: string;
                                    size: number;
                                }[];
                                cohort: {
                                    edge: string;
                                    before: string | null;
                                    left: boolean;
                                    moved: boolean;
                                }[];
                                seen: boolean;
                                ageMs: number;
                                stageMs: number;
                                leastMs: number;
                                paused: string | null;
                                failures: number;
                                verdict: {
                                    verdict: string;
                                    reasons: string[];
                                    ageMs: number;
                                } | null;
                                unjudged: string[];
                                why: string;
                                settings: {
                                    intervalMs: number;
                                    rehearsalMs: number;
                                    moveMs: number;
                                    deadlineMs: number;
                                    failureLimit: number;
                                    baselineNow: boolean;
                                    metrics?: {
                                        [key: string]: {
                                            critical?: boolean;
                                            mustHaveData?: boolean;
                                            off?: boolean;
                                        };
                                    };
                                };
                                author: string;
                                note: string;
                                createdAt: string;
                                endedAt: string | null;
                            };
                            events: {
                                number: number;
                                at: string;
                                kind: string;
                                who: string;
                                body: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take no further step until it is resumed; the judge goes on, and so does the deadline */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on after a pause */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the next step without waiting for the rest of this one */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{id}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lead everybody back at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            dryRun: boolean;
                            from: string;
                            to: string;
                            stage: string;
                            step: number;
                            steps: {
                                text: string;
                                size: number;
                            }[];
                            cohort: {
                                edge: string;
                                before: string | null;
                                left: boolean;
                                moved: boolean;
                            }[];
                            seen: boolean;
                            ageMs: number;
                            stageMs: number;
                            leastMs: number;
                            paused: string | null;
                            failures: number;
                            verdict: {
                                verdict: string;
                                reasons: string[];
                                ageMs: number;
                            } | null;
                            unjudged: string[];
                            why: string;
                            settings: {
                                intervalMs: number;
                                rehearsalMs: number;
                                moveMs: number;
                                deadlineMs: number;
                                failureLimit: number;
                                baselineNow: boolean;
                                metrics?: {
                                    [key: string]: {
                                        critical?: boolean;
                                        mustHaveData?: boolean;
                                        off?: boolean;
                                    };
                                };
                            };
                            author: string;
                            note: string;
                            createdAt: string;
                            endedAt: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The change that is on trial, or was last */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            trial: {
                                revision: number;
                                previous: number;
                                withinS: number;
                                state: string;
                                reason: string;
                                nodes: {
                                    name: string;
                                    state: string;
                                    why: string;
                                }[];
                                restored: number | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epoch/raise": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish what this controller holds over anything newer that nodes hold */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            epoch: number;
                            over: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The key that signs manifests, how it came to be, and who follows it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            current: string;
                            changes: {
                                from: string;
                                to: string;
                                at: string;
                            }[];
                            nodes: {
                                node: string;
                                follows: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign manifests with a new key from now on */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default false */
                        force: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            from: string;
                            to: string;
                            at: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every change as it happens, as server-sent events */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asking user's applications, whenever they change, as server-sent events */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/paths": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Router, plane and health of the way of each of the asking user's applications */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            paths: {
                                application: number;
                                router: string | null;
                                wanted: string | null;
                                planes: string[];
                                health: {
                                    /** @enum {string} */
                                    of: "device" | "router";
                                    at: string;
                                    stale: boolean;
                                    state: "good" | "poor" | "bad" | "unknown";
                                    verdicts: {
                                        code: string;
                                        layer: "datalink" | "interface" | "local" | "global" | "names" | "web" | "translation" | "path-mtu" | "planes" | "clock";
                                        state: "poor" | "bad";
                                        text: string;
                                        plane?: string;
                                    }[];
                                } | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/connection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the request comes from as it is seen here, and pages that a browser can try */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            address: string;
                            /** @enum {integer} */
                            family: 4 | 6;
                            inNetwork: boolean;
                            application: {
                                id: number;
                                device: string;
                            } | null;
                            pages: {
                                name: string;
                                url: string;
                                /** @enum {string} */
                                kind: "ipv6" | "translated";
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/connection/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** So much at once that packets are as large as they get */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            filler: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** The same the other way; it is counted and forgotten */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        filler: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            octets: number;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                    before?: number;
                    who?: string;
                    what?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            audit: {
                                id: number;
                                at: string;
                                who: string;
                                what: string;
                                detail: unknown;
                                hash: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the audit log is whole, and which record is the first that is not */
        get: {
            parameters: {
                query?: {
                    head?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            sound: number;
                            head: {
                                id: number;
                                hash: string;
                            };
                            broken: {
                                record: number;
                                reason: string;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{name}/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time claim with which a node gets its first certificate */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 3600 */
                        ttlS: number;
                        /** Format: uri */
                        url?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: string;
                            token: string;
                            expires: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{name}/rekey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time claim with which a node gets a certificate for a new key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 3600 */
                        ttlS: number;
                        /** Format: uri */
                        url?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: string;
                            token: string;
                            expires: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{name}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make every certificate of a node worth nothing, at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: string;
                            serials: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every token, without its text */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            tokens: {
                                name: string;
                                scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                                createdAt: string;
                                createdBy: string;
                                expiresAt: string | null;
                                revokedAt: string | null;
                                lastUsedAt: string | null;
                                /** @description The user whose token it is; null: an operator's */
                                account: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a token; its text is in the answer and nowhere else */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                        expiresInS?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                            token: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{name}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a token good for nothing, at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/measure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Loss and round trips of every plane over the same targets, and of every Edge */
        get: {
            parameters: {
                query: {
                    lastS: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lastS: number;
                            planes: {
                                plane: string | null;
                                node: string | null;
                                target: string;
                                address: string;
                                sent: number;
                                lost: number;
                                /** @description Of the lost, those that the node could not send. */
                                unsent: number;
                                /** @description Answers after more than a second; the echoes count as lost. */
                                late: number;
                                /** @description Null where nothing was sent. */
                                lossPercent: number | null;
                                /** @description Round trip, microseconds. */
                                p50Us: number | null;
                                /** @description Round trip, microseconds. */
                                p95Us: number | null;
                                /** @description Mean difference of one round trip to the one before, microseconds. */
                                jitterUs: number | null;
                                /** @description Share of the echoes that should have been told of, 0 to 1. */
                                complete: number;
                            }[];
                            routers: {
                                plane: string | null;
                                node: string | null;
                                target: string;
                                address: string;
                                sent: number;
                                lost: number;
                                /** @description Of the lost, those that the node could not send. */
                                unsent: number;
                                /** @description Answers after more than a second; the echoes count as lost. */
                                late: number;
                                /** @description Null where nothing was sent. */
                                lossPercent: number | null;
                                /** @description Round trip, microseconds. */
                                p50Us: number | null;
                                /** @description Round trip, microseconds. */
                                p95Us: number | null;
                                /** @description Mean difference of one round trip to the one before, microseconds. */
                                jitterUs: number | null;
                                /** @description Share of the echoes that should have been told of, 0 to 1. */
                                complete: number;
                            }[];
                            edges: {
                                plane: string | null;
                                node: string | null;
                                target: string;
                                address: string;
                                sent: number;
                                lost: number;
                                /** @description Of the lost, those that the node could not send. */
                                unsent: number;
                                /** @description Answers after more than a second; the echoes count as lost. */
                                late: number;
                                /** @description Null where nothing was sent. */
                                lossPercent: number | null;
                                /** @description Round trip, microseconds. */
                                p50Us: number | null;
                                /** @description Round trip, microseconds. */
                                p95Us: number | null;
                                /** @description Mean difference of one round trip to the one before, microseconds. */
                                jitterUs: number | null;
                                /** @description Share of the echoes that should have been told of, 0 to 1. */
                                complete: number;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/measure/distributions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How round trips of every plane to the same targets are distributed */
        get: {
            parameters: {
                query: {
                    lastS: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lastS: number;
                            /** @description Of all answers, 0 to 1. */
                            shares: number[];
                            distributions: {
                                plane: string;
                                target: string;
                                sent: number;
                                lost: number;
                                /** @description Round trip that the share of the same place does not exceed; empty without answers. */
                                quantilesUs: number[];
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Egress peer engineering: mode, peers, what was moved, what is wrong */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            mode: "off" | "observe" | "enforce";
                            policy: boolean;
                            destinations: number;
                            cycleS: number | null;
                            decidedAgoMs: number | null;
                            decidedInMs: number | null;
                            overrides: number;
                            wanted: number;
                            refused: {
                                source: string;
                                why: string;
                                count: number;
                                example: string;
                            }[];
                            sources: {
                                name: string;
                                count: number | null;
                                fault: string | null;
                            }[];
                            peers: {
                                peer: string;
                                established: boolean | null;
                                sid: string | null;
                                mbps: number | null;
                                afterMbps: number | null;
                                capacityMbps: number | null;
                                overrides: number;
                            }[];
                            measuring: {
                                node: string;
                                cycles: number;
                                agoMs: number | null;
                            }[];
                            accounts: {
                                moves: number;
                                kept: number;
                                takenBack: number;
                                reverted: number;
                                worsePercent: number | null;
                                meanGainMs: number | null;
                            };
                            alarms: string[];
                        } & {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest decision about every destination, what gains most first */
        get: {
            parameters: {
                query: {
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rows: ({
                                prefix: string;
                                node: string;
                                className: string;
                                action: string;
                                rule: string;
                                words: string;
                                peer: string | null;
                                bgp: string | null;
                                gainMs: number | null;
                                rttMs: number | null;
                                vantage: string | null;
                                mbps: number | null;
                            } & {
                                [key: string]: unknown;
                            })[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a destination leaves as it does: every peer, every figure */
        get: {
            parameters: {
                query: {
                    destination: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            destination: string;
                            prefix: string;
                            /** @enum {string} */
                            mode: "off" | "observe" | "enforce";
                            decidedAgoMs: number;
                            decisions: {
                                decision: {
                                    node: string;
                                    className: string;
                                    prefix: string;
                                    action: string;
                                    rule: string;
                                    peer?: string;
                                    bgp?: string;
                                    vantage?: string;
                                    comparison?: {
                                        from: string;
                                        cycles: number;
                                        latencyMs: number;
                                        lossMs: number;
                                        gainMs: number;
                                        neededMs: number;
                                        p: number;
                                        share: number;
                                    } & {
                                        [key: string]: unknown;
                                    };
                                    peers: ({
                                        peer: string;
                                        code: string;
                                        rttMs?: number;
                                        jitterMs?: number;
                                        lost: number;
                                        sent: number;
                                        asPathLength?: number;
                                        comparison?: {
                                            from: string;
                                            cycles: number;
                                            latencyMs: number;
                                            lossMs: number;
                                            gainMs: number;
                                            neededMs: number;
                                            p: number;
                                            share: number;
                                        } & {
                                            [key: string]: unknown;
                                        };
                                        forMs?: number;
                                    } & {
                                        [key: string]: unknown;
                                    })[];
                                } & {
                                    [key: string]: unknown;
                                };
                                words: string[];
                                mbps: number | null;
                            }[];
                            probers: {
                                [key: string]: unknown;
                            }[];
                        } & {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/course": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was measured of a destination by every peer, cycle by cycle, as far as it is kept */
        get: {
            parameters: {
                query: {
                    destination: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            prefix: string;
                            nodes: {
                                node: string;
                                at: string[];
                                peers: {
                                    peer: string;
                                    rttMs: (number | null)[];
                                    loss: (number | null)[];
                                }[];
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far measuring has come, of everything or of one destination */
        get: {
            parameters: {
                query?: {
                    destination?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was moved, taken back and found out, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                    destination?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rows: {
                                id: number;
                                at: string;
                                prefix: string;
                                body: {
                                    kind: string;
                                } & {
                                    [key: string]: unknown;
                                };
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/epe/mode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it: off, observe or enforce; waits until routers have it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        mode: "off" | "observe" | "enforce";
                        /** @default  */
                        note: string;
                        /** @default 10000 */
                        waitMs: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the network feels from every node that looks; sites and planes side by side */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            intervalS: number;
                            nodes: ({
                                node: string;
                                site: string;
                                at: string | null;
                                stale: boolean;
                                state: "good" | "poor" | "bad" | "unknown";
                                layers: {
                                    [key: string]: "good" | "poor" | "bad" | "unknown";
                                };
                                verdicts: ({
                                    state: "good" | "poor" | "bad" | "unknown";
                                    text: string;
                                } & {
                                    [key: string]: unknown;
                                })[];
                            } & {
                                [key: string]: unknown;
                            })[];
                            sites: ({
                                site: string;
                                nodes: number;
                                layers: {
                                    [key: string]: {
                                        looked: number;
                                        poor: number;
                                        bad: number;
                                    };
                                };
                                us: {
                                    [key: string]: number;
                                };
                            } & {
                                [key: string]: unknown;
                            })[];
                            planes: ({
                                plane: string;
                                looked: number;
                                poor: number;
                                bad: number;
                                us: number | null;
                                lossPercent: number | null;
                            } & {
                                [key: string]: unknown;
                            })[];
                        } & {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/troubles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Layers that were bad or poor within a time, by site, the worst first */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. */
                    from: number;
                    /** @description Milliseconds since 1970. */
                    to: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rows: {
                                [key: string]: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{node}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest run of one node, check by check */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    node: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{node}/health/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of one node, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                };
                header?: never;
                path: {
                    node: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rows: {
                                [key: string]: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What of captured DNS is stored, and what was lost */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description False: no node has ever told of any. */
                            captured: boolean;
                            segments: number;
                            pairs: number;
                            octets: number;
                            oldestMs: number | null;
                            newestMs: number | null;
                            /** @description Minutes that have changed and are to be counted. */
                            uncountedMinutes: number;
                            /** @description Captured, and lost before they came here. */
                            missingPairs: number;
                            missingBatches: number;
                            gaps: {
                                node: string;
                                fromMs: number;
                                toMs: number;
                            }[];
                            sinceStart: {
                                stored: number;
                                duplicate: number;
                                refused: number;
                                pairs: number;
                                missingPairs: number;
                            };
                            learnedPrefixes: number;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Totals: types, AAAA outcomes, drops; over time and by capture point */
        get: {
            parameters: {
                query?: {
                    /** @description Milliseconds since 1970. Default: an hour before untilMs. */
                    fromMs?: number;
                    /** @description Exclusive. Default: now. */
                    untilMs?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                            total: {
                                [key: string]: number;
                            };
                            stepS: number;
                            series: {
                                startMs: number;
                                /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                                tally: {
                                    [key: string]: number;
                                };
                            }[];
                            points: {
                                [key: string]: {
                                    [key: string]: number;
                                };
                            };
                            capture: {
                                [key: string]: {
                                    [key: string]: number;
                                };
                            };
                            gaps: {
                                node: string;
                                fromMs: number;
                                toMs: number;
                            }[];
                            source: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names or clients that asked most, or that need IPv4 */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. Default: an hour before untilMs. */
                    fromMs?: number;
                    /** @description Exclusive. Default: now. */
                    untilMs?: number;
                    /** @description Exactly this name. */
                    name?: string;
                    /** @description This name and all below. */
                    below?: string;
                    /** @description Address or prefix. */
                    client?: string;
                    outcome?: "none" | "native" | "translated" | "nodata" | "nxdomain" | "servfail" | "unanswered" | "other";
                    type?: number;
                    class?: "client" | "authority";
                    node?: string;
                    kind: "name" | "client";
                    /** @description ready: names that somebody got native AAAA of; ipv4: asked for AAAA, and nobody got a native one. */
                    by: "all" | "a" | "aaaa" | "ready" | "ipv4";
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            rows: {
                                key: string;
                                /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                                tally: {
                                    [key: string]: number;
                                };
                            }[];
                            keys: number;
                            /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                            total: {
                                [key: string]: number;
                            };
                            /** @description pairs, hours or days: what it was counted from. */
                            source: string;
                            inexact: boolean;
                            scanned: {
                                rows: number;
                                segments: number;
                                /** @description Segments of which the header told enough. */
                                skipped: number;
                                unreadable: number;
                                tookMs: number;
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/client": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one client, or a prefix, asked, and what it got */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. Default: an hour before untilMs. */
                    fromMs?: number;
                    /** @description Exclusive. Default: now. */
                    untilMs?: number;
                    client: string;
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                            total: {
                                [key: string]: number;
                            };
                            names: {
                                rows: {
                                    key: string;
                                    /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                                    tally: {
                                        [key: string]: number;
                                    };
                                }[];
                                keys: number;
                                /** @description Counts by name: controller/TELESCREEN.md. What is absent is 0. */
                                total: {
                                    [key: string]: number;
                                };
                                /** @description pairs, hours or days: what it was counted from. */
                                source: string;
                                inexact: boolean;
                                scanned: {
                                    rows: number;
                                    segments: number;
                                    /** @description Segments of which the header told enough. */
                                    skipped: number;
                                    unreadable: number;
                                    tookMs: number;
                                };
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/tail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest pairs; with a cursor those that came since */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. Default: an hour before untilMs. */
                    fromMs?: number;
                    /** @description Exclusive. Default: now. */
                    untilMs?: number;
                    /** @description Exactly this name. */
                    name?: string;
                    /** @description This name and all below. */
                    below?: string;
                    /** @description Address or prefix. */
                    client?: string;
                    outcome?: "none" | "native" | "translated" | "nodata" | "nxdomain" | "servfail" | "unanswered" | "other";
                    type?: number;
                    class?: "client" | "authority";
                    node?: string;
                    limit: number;
                    cursor?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            pairs: {
                                timeMs: number;
                                node: string;
                                point: string;
                                class: string;
                                half: string;
                                transport: string;
                                client: string;
                                clientPort: number;
                                server: string;
                                name: string;
                                type: number;
                                rcode: number | null;
                                outcome: string;
                                latencyUs: number | null;
                                querySize: number | null;
                                responseSize: number | null;
                                retries: number;
                                answers: string[];
                                /** @description Seen elsewhere too, and counted there. */
                                duplicate: boolean;
                            }[];
                            cursor: number;
                            scanned: {
                                rows: number;
                                segments: number;
                                /** @description Segments of which the header told enough. */
                                skipped: number;
                                unreadable: number;
                                tookMs: number;
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dns/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every pair as a file: CSV, or Apache Parquet */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. Default: an hour before untilMs. */
                    fromMs?: number;
                    /** @description Exclusive. Default: now. */
                    untilMs?: number;
                    /** @description Exactly this name. */
                    name?: string;
                    /** @description This name and all below. */
                    below?: string;
                    /** @description Address or prefix. */
                    client?: string;
                    outcome?: "none" | "native" | "translated" | "nodata" | "nxdomain" | "servfail" | "unanswered" | "other";
                    type?: number;
                    class?: "client" | "authority";
                    node?: string;
                    format: "csv" | "parquet";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Event report: DNS, incidents, rollouts, egress peers, access */
        get: {
            parameters: {
                query: {
                    /** @description Milliseconds since 1970. */
                    fromMs: number;
                    /** @description Milliseconds since 1970. */
                    untilMs: number;
                    event?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/expected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file of expected paths in force */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            revision: number;
                            file: string;
                            text: string;
                            author: string;
                            note: string;
                            at: string;
                            /** @description Entries that do not fit the fabric any more. */
                            unfit: {
                                file: string;
                                line: number;
                                column: number;
                                path: string;
                                message: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Check a file of expected paths, store it, and have it traced and watched */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        text: string;
                        file: string;
                        /** @default  */
                        note: string;
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            dryRun: boolean;
                            /** @description Of the file in force afterwards; 0: none. */
                            revision: number;
                            stored: boolean;
                            entries: number;
                            nodes: {
                                node: string;
                                targets: number;
                                /** @description Flows begun a second, over all targets. */
                                flowsPerS: number;
                            }[];
                            /** @description Nodes whose manifest changes. */
                            changed: string[];
                            published: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        /** Expect nothing any more: nothing is traced or watched */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            dryRun: boolean;
                            /** @description Of the file in force afterwards; 0: none. */
                            revision: number;
                            stored: boolean;
                            entries: number;
                            nodes: {
                                node: string;
                                targets: number;
                                /** @description Flows begun a second, over all targets. */
                                flowsPerS: number;
                            }[];
                            /** @description Nodes whose manifest changes. */
                            changed: string[];
                            published: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/learn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trace for a moment, and write down what is seen as a first file of expected paths */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default [] */
                        sources: string[];
                        /** @default [] */
                        targets: {
                            name: string;
                            address: string;
                        }[];
                        /** @default 8 */
                        flows: number;
                        /** @default 3 */
                        traces: number;
                        /** @default 60000 */
                        waitMs: number;
                        /** @default false */
                        standalone: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description YAML that `path apply` takes. */
                            text: string;
                            traces: number;
                            missing: {
                                source: string;
                                target: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest trace of each source and target */
        get: {
            parameters: {
                query?: {
                    source?: string;
                    target?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description The newest of each source and target. */
                            traces: {
                                /** @description Since it came here. */
                                ageMs: number;
                                trace: {
                                    /** @enum {number} */
                                    version: 1;
                                    source: string;
                                    sourceAddress: string;
                                    target: string;
                                    targetAddress: string;
                                    protocol: "icmp6" | "udp" | "tcp";
                                    startedAt: number;
                                    endedAt: number;
                                    flows: {
                                        flow: number;
                                        flowLabel: number;
                                        sourcePort?: number;
                                        destinationPort?: number;
                                        hops: {
                                            hop: number;
                                            sent: number;
                                            answers: {
                                                address: string;
                                                rttUs: number;
                                                kind: "time-exceeded" | "echo-reply" | "unreachable" | "too-big" | "tcp-syn-ack" | "tcp-rst";
                                                detail?: number;
                                            }[];
                                            rateLimited: boolean;
                                        }[];
                                        end: {
                                            /** @enum {string} */
                                            kind: "reached";
                                            hop: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "unreachable";
                                            hop: number;
                                            address: string;
                                            code: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "silent";
                                            fromHop: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "too-long";
                                            maxHops: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "failed";
                                            reason: string;
                                        };
                                    }[];
                                    pathMtu?: number;
                                    allPathsSeen?: number;
                                };
                            }[];
                            /** @description Ordered, and not told of yet. */
                            missing: {
                                source: string;
                                target: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every watched path: by which planes, as expected or not, since when */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            paths: {
                                source: string;
                                target: string;
                                address: string;
                                current: {
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    level: "alarm" | "warning" | "notice" | "fine";
                                    words: string;
                                    planes: string[];
                                    /** @description RFC 3339 */
                                    at: string;
                                } | null;
                                since: string | null;
                                lookedAt: string | null;
                                /** @description Nothing more is told until it has been quiet. */
                                flapping: boolean;
                                acknowledged: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    at: string;
                                    note: string;
                                } | null;
                                silenced: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    until: string;
                                    note: string;
                                } | null;
                            }[];
                            silences: {
                                source: string;
                                target: string;
                                by: string;
                                /** @description RFC 3339 */
                                until: string;
                                note: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/one": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One watched path with its newest trace and what people knew before */
        get: {
            parameters: {
                query: {
                    source: string;
                    target: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            source: string;
                            target: string;
                            address: string;
                            current: {
                                kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                level: "alarm" | "warning" | "notice" | "fine";
                                words: string;
                                planes: string[];
                                /** @description RFC 3339 */
                                at: string;
                            } | null;
                            since: string | null;
                            lookedAt: string | null;
                            /** @description Nothing more is told until it has been quiet. */
                            flapping: boolean;
                            acknowledged: {
                                by: string;
                                /** @description RFC 3339 */
                                at: string;
                                note: string;
                            } | null;
                            silenced: {
                                by: string;
                                /** @description RFC 3339 */
                                until: string;
                                note: string;
                            } | null;
                            trace: {
                                /** @enum {number} */
                                version: 1;
                                source: string;
                                sourceAddress: string;
                                target: string;
                                targetAddress: string;
                                protocol: "icmp6" | "udp" | "tcp";
                                startedAt: number;
                                endedAt: number;
                                flows: {
                                    flow: number;
                                    flowLabel: number;
                                    sourcePort?: number;
                                    destinationPort?: number;
                                    hops: {
                                        hop: number;
                                        sent: number;
                                        answers: {
                                            address: string;
                                            rttUs: number;
                                            kind: "time-exceeded" | "echo-reply" | "unreachable" | "too-big" | "tcp-syn-ack" | "tcp-rst";
                                            detail?: number;
                                        }[];
                                        rateLimited: boolean;
                                    }[];
                                    end: {
                                        /** @enum {string} */
                                        kind: "reached";
                                        hop: number;
                                    } | {
                                        /** @enum {string} */
                                        kind: "unreachable";
                                        hop: number;
                                        address: string;
                                        code: number;
                                    } | {
                                        /** @enum {string} */
                                        kind: "silent";
                                        fromHop: number;
                                    } | {
                                        /** @enum {string} */
                                        kind: "too-long";
                                        maxHops: number;
                                    } | {
                                        /** @enum {string} */
                                        kind: "failed";
                                        reason: string;
                                    };
                                }[];
                                pathMtu?: number;
                                allPathsSeen?: number;
                            } | null;
                            drawn: {
                                target: string | null;
                                /** @description Of the newest trace; flows that went alike together. */
                                ways: {
                                    flows: number[];
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    words: string;
                                    arrives: boolean;
                                    partsAt: number | null;
                                    /** @description What could have stood there, as patterns are written. */
                                    wanted: string[];
                                    hops: {
                                        address: string | null;
                                        node: string | null;
                                    }[];
                                }[];
                                expected: {
                                    /** @description The pattern as it is written. */
                                    text: string;
                                    nodes: string[] | null;
                                }[];
                            };
                            before: {
                                kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                level: "alarm" | "warning" | "notice" | "fine";
                                words: string;
                                planes: string[];
                                /** @description RFC 3339 */
                                at: string;
                                trace: {
                                    /** @enum {number} */
                                    version: 1;
                                    source: string;
                                    sourceAddress: string;
                                    target: string;
                                    targetAddress: string;
                                    protocol: "icmp6" | "udp" | "tcp";
                                    startedAt: number;
                                    endedAt: number;
                                    flows: {
                                        flow: number;
                                        flowLabel: number;
                                        sourcePort?: number;
                                        destinationPort?: number;
                                        hops: {
                                            hop: number;
                                            sent: number;
                                            answers: {
                                                address: string;
                                                rttUs: number;
                                                kind: "time-exceeded" | "echo-reply" | "unreachable" | "too-big" | "tcp-syn-ack" | "tcp-rst";
                                                detail?: number;
                                            }[];
                                            rateLimited: boolean;
                                        }[];
                                        end: {
                                            /** @enum {string} */
                                            kind: "reached";
                                            hop: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "unreachable";
                                            hop: number;
                                            address: string;
                                            code: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "silent";
                                            fromHop: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "too-long";
                                            maxHops: number;
                                        } | {
                                            /** @enum {string} */
                                            kind: "failed";
                                            reason: string;
                                        };
                                    }[];
                                    pathMtu?: number;
                                    allPathsSeen?: number;
                                } | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was seen of paths, newest first */
        get: {
            parameters: {
                query: {
                    limit: number;
                    source?: string;
                    target?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            events: {
                                id: number;
                                /** @description RFC 3339 */
                                at: string;
                                /** @description first, changed, recovered, plane-moved, flapping, settled */
                                kind: string;
                                level: "alarm" | "warning" | "notice" | "fine";
                                source: string;
                                target: string;
                                withheld: string | null;
                                before: {
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    level: "alarm" | "warning" | "notice" | "fine";
                                    words: string;
                                    planes: string[];
                                    /** @description RFC 3339 */
                                    at: string;
                                } | null;
                                after: {
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    level: "alarm" | "warning" | "notice" | "fine";
                                    words: string;
                                    planes: string[];
                                    /** @description RFC 3339 */
                                    at: string;
                                };
                                lastedMs: number | null;
                                likely: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/ack": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Somebody looks after a path that is wrong: nothing more is told until it is worse or well */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        source: string;
                        target: string;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            source: string;
                            target: string;
                            address: string;
                            current: {
                                kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                level: "alarm" | "warning" | "notice" | "fine";
                                words: string;
                                planes: string[];
                                /** @description RFC 3339 */
                                at: string;
                            } | null;
                            since: string | null;
                            lookedAt: string | null;
                            /** @description Nothing more is told until it has been quiet. */
                            flapping: boolean;
                            acknowledged: {
                                by: string;
                                /** @description RFC 3339 */
                                at: string;
                                note: string;
                            } | null;
                            silenced: {
                                by: string;
                                /** @description RFC 3339 */
                                until: string;
                                note: string;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/silence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Nothing is told of these paths for a while; the log goes on */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description * is every one */
                        source: string;
                        /** @description * is every one */
                        target: string;
                        forS: number;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            paths: {
                                source: string;
                                target: string;
                                address: string;
                                current: {
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    level: "alarm" | "warning" | "notice" | "fine";
                                    words: string;
                                    planes: string[];
                                    /** @description RFC 3339 */
                                    at: string;
                                } | null;
                                since: string | null;
                                lookedAt: string | null;
                                /** @description Nothing more is told until it has been quiet. */
                                flapping: boolean;
                                acknowledged: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    at: string;
                                    note: string;
                                } | null;
                                silenced: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    until: string;
                                    note: string;
                                } | null;
                            }[];
                            silences: {
                                source: string;
                                target: string;
                                by: string;
                                /** @description RFC 3339 */
                                until: string;
                                note: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/paths/unsilence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a silence: what is different since is told at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description * is every one */
                        source: string;
                        /** @description * is every one */
                        target: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            paths: {
                                source: string;
                                target: string;
                                address: string;
                                current: {
                                    kind: "destination-unreachable" | "plane-changed" | "path-changed" | "not-measured" | "lossy-or-slow" | "hop-rate-limiting" | "hop-silent" | "as-expected";
                                    level: "alarm" | "warning" | "notice" | "fine";
                                    words: string;
                                    planes: string[];
                                    /** @description RFC 3339 */
                                    at: string;
                                } | null;
                                since: string | null;
                                lookedAt: string | null;
                                /** @description Nothing more is told until it has been quiet. */
                                flapping: boolean;
                                acknowledged: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    at: string;
                                    note: string;
                                } | null;
                                silenced: {
                                    by: string;
                                    /** @description RFC 3339 */
                                    until: string;
                                    note: string;
                                } | null;
                            }[];
                            silences: {
                                source: string;
                                target: string;
                                by: string;
                                /** @description RFC 3339 */
                                until: string;
                                note: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/notify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told, and how that goes */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            receivers: {
                                name: string;
                                format: string;
                                heartbeatS: number | null;
                                waiting: number;
                                /** @description Since the controller started. */
                                sent: number;
                                failed: number;
                                dropped: number;
                                last: {
                                    /** @description RFC 3339 */
                                    at: string;
                                    outcome: string;
                                    code: string;
                                } | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/notify/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test to every receiver, or to one, and see whether it arrives */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        receiver?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                name: string;
                                /** @description sent, dropped, or waiting: it did not arrive in time */
                                outcome: string;
                                code: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every pool and how full it is */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            pools: {
                                name: string;
                                prefix: string;
                                /** @enum {string} */
                                purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                                length: number;
                                site: string | null;
                                /** @enum {string} */
                                strategy: "first" | "sparse";
                                quarantineS: number;
                                /** @enum {string} */
                                state: "open" | "closed";
                                note: string;
                                createdAt: string;
                                createdBy: string;
                                utilisation?: {
                                    capacity: number;
                                    prefixes: {
                                        reserved: number;
                                        active: number;
                                        quarantine: number;
                                        revoked: number;
                                    };
                                    share: number;
                                };
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a pool, all of it free */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        prefix: string;
                        /** @enum {string} */
                        purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                        length?: number;
                        site?: string;
                        /**
                         * @default first
                         * @enum {string}
                         */
                        strategy: "first" | "sparse";
                        /** @default 172800 */
                        quarantineS: number;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            prefix: string;
                            /** @enum {string} */
                            purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                            length: number;
                            site: string | null;
                            /** @enum {string} */
                            strategy: "first" | "sparse";
                            quarantineS: number;
                            /** @enum {string} */
                            state: "open" | "closed";
                            note: string;
                            createdAt: string;
                            createdBy: string;
                            utilisation?: {
                                capacity: number;
                                prefixes: {
                                    reserved: number;
                                    active: number;
                                    quarantine: number;
                                    revoked: number;
                                };
                                share: number;
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open or close a pool; a closed one gives out nothing more */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        state: "open" | "closed";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            prefix: string;
                            /** @enum {string} */
                            purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                            length: number;
                            site: string | null;
                            /** @enum {string} */
                            strategy: "first" | "sparse";
                            quarantineS: number;
                            /** @enum {string} */
                            state: "open" | "closed";
                            note: string;
                            createdAt: string;
                            createdBy: string;
                            utilisation?: {
                                capacity: number;
                                prefixes: {
                                    reserved: number;
                                    active: number;
                                    quarantine: number;
                                    revoked: number;
                                };
                                share: number;
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a pool of which everything is free */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/prefixes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give out or reserve a prefix of a pool by hand */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        prefix?: string;
                        length?: number;
                        /**
                         * @default active
                         * @enum {string}
                         */
                        state: "reserved" | "active";
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            prefix: string;
                            pool: string;
                            /** @enum {string} */
                            state: "reserved" | "active" | "quarantine" | "revoked";
                            since: string;
                            until: string | null;
                            user: string | null;
                            project: string | null;
                            application: number | null;
                            note: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prefixes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is not free, in the order of addresses */
        get: {
            parameters: {
                query: {
                    pool?: string;
                    state?: "reserved" | "active" | "quarantine" | "revoked";
                    user?: string;
                    project?: string;
                    after?: string;
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            prefixes: {
                                prefix: string;
                                pool: string;
                                /** @enum {string} */
                                state: "reserved" | "active" | "quarantine" | "revoked";
                                since: string;
                                until: string | null;
                                user: string | null;
                                project: string | null;
                                application: number | null;
                                note: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prefixes/around": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose an address is */
        get: {
            parameters: {
                query: {
                    address: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            pool: {
                                name: string;
                                prefix: string;
                                /** @enum {string} */
                                purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                                length: number;
                                site: string | null;
                                /** @enum {string} */
                                strategy: "first" | "sparse";
                                quarantineS: number;
                                /** @enum {string} */
                                state: "open" | "closed";
                                note: string;
                                createdAt: string;
                                createdBy: string;
                                utilisation?: {
                                    capacity: number;
                                    prefixes: {
                                        reserved: number;
                                        active: number;
                                        quarantine: number;
                                        revoked: number;
                                    };
                                    share: number;
                                };
                            };
                            prefix: {
                                prefix: string;
                                pool: string;
                                /** @enum {string} */
                                state: "reserved" | "active" | "quarantine" | "revoked";
                                since: string;
                                until: string | null;
                                user: string | null;
                                project: string | null;
                                application: number | null;
                                note: string;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/prefixes/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Activate, release, revoke or free a prefix that no application has */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        prefix: string;
                        /** @enum {string} */
                        action: "activate" | "release" | "revoke" | "free";
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            prefix: string;
                            /** @enum {string} */
                            state: "reserved" | "active" | "quarantine" | "revoked" | "free";
                            until: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to pools, prefixes, users, projects and applications, newest first */
        get: {
            parameters: {
                query: {
                    kind?: "pool" | "prefix" | "user" | "project" | "service" | "application";
                    subject?: string;
                    before?: number;
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            events: {
                                id: number;
                                at: string;
                                who: string;
                                /** @enum {string} */
                                kind: "pool" | "prefix" | "user" | "project" | "service" | "application";
                                subject: string;
                                what: string;
                                detail: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Users by name */
        get: {
            parameters: {
                query: {
                    after?: string;
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            users: {
                                name: string;
                                display: string;
                                email: string | null;
                                /** @enum {string} */
                                state: "active" | "suspended" | "removed";
                                reason: string;
                                since: string;
                                createdAt: string;
                                createdBy: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a user */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @default  */
                        display: string;
                        email?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            display: string;
                            email: string | null;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user, his projects and quotas */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            display: string;
                            email: string | null;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            projects: {
                                project: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend, resume or (for good) remove a user */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        state: "active" | "suspended" | "removed";
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            display: string;
                            email: string | null;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many applications for a service a user may have */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                        most?: number | null;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            display: string;
                            email: string | null;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            projects: {
                                project: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every project */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            projects: {
                                name: string;
                                description: string;
                                /** @enum {string} */
                                state: "active" | "suspended" | "removed";
                                reason: string;
                                since: string;
                                createdAt: string;
                                createdBy: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a project */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** @default  */
                        description: string;
                        owner?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            description: string;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project, its members and quotas */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            description: string;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            members: {
                                user: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend, resume or (for good) remove a project */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        state: "active" | "suspended" | "removed";
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            description: string;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a member to a project, or give one another role */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        user: string;
                        /** @enum {string} */
                        role: "owner" | "manager" | "member";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            description: string;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            members: {
                                user: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name}/members/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a member out of a project */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                    user: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            project: string;
                            user: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{name}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many applications for a service a project may have */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                        most?: number | null;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            description: string;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            members: {
                                user: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is decided about each service */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            services: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                perUser: number | null;
                                perProject: number | null;
                                total: number | null;
                                lifetimeS: number | null;
                                /** @enum {string} */
                                gives: "address" | "network";
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/services/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide about a service: who approves, how many, how long */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        approval?: "auto" | "members" | "manual" | "closed";
                        perUser?: number | null;
                        perProject?: number | null;
                        total?: number | null;
                        lifetimeS?: number | null;
                        /** @enum {string} */
                        gives?: "address" | "network";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            /** @enum {string} */
                            approval: "auto" | "members" | "manual" | "closed";
                            perUser: number | null;
                            perProject: number | null;
                            total: number | null;
                            lifetimeS: number | null;
                            /** @enum {string} */
                            gives: "address" | "network";
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Applications of everybody, oldest first */
        get: {
            parameters: {
                query: {
                    user?: string;
                    project?: string;
                    service?: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                    state?: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                    after?: number;
                    limit: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            applications: {
                                id: number;
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                user: string;
                                project: string | null;
                                device: string;
                                site: string | null;
                                /** @enum {string} */
                                state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                                since: string;
                                reason: string;
                                suspendedBy: ("user" | "operator") | null;
                                held: string | null;
                                lacks: string | null;
                                prefixes: string[];
                                endpoint: string | null;
                                endpointAt: string | null;
                                publicKey: string | null;
                                updateKey: boolean;
                                node: string | null;
                                expiresAt: string | null;
                                createdAt: string;
                                note: string;
                                point: string | null;
                                waiting: string | null;
                                routers: {
                                    router: string;
                                    /** @enum {string} */
                                    state: "pending" | "served" | "failed" | "ending";
                                    since: string;
                                    reason: string;
                                }[];
                                use: {
                                    rxPackets: number | null;
                                    rxOctets: number;
                                    txPackets: number | null;
                                    txOctets: number;
                                    handshakeAt: string | null;
                                    leaseUntil: string | null;
                                    activeAt: string | null;
                                } | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Apply for a user */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        user: string;
                        /** @enum {string} */
                        service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                        device: string;
                        project?: string;
                        site?: string;
                        endpoint?: string;
                        publicKey?: string;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve, refuse, suspend, resume or revoke an application */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                    action: "approve" | "refuse" | "suspend" | "resume" | "revoke";
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asking user, his projects, and how much he has of what he may have */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            display: string;
                            email: string | null;
                            /** @enum {string} */
                            state: "active" | "suspended" | "removed";
                            reason: string;
                            since: string;
                            createdAt: string;
                            createdBy: string;
                            projects: {
                                project: string;
                                /** @enum {string} */
                                role: "owner" | "manager" | "member";
                            }[];
                            quotas: {
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                /** @enum {string} */
                                approval: "auto" | "members" | "manual" | "closed";
                                used: number;
                                limit: number | null;
                                own: boolean;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asking user's applications, and those of projects that he manages */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            applications: {
                                id: number;
                                /** @enum {string} */
                                service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                                user: string;
                                project: string | null;
                                device: string;
                                site: string | null;
                                /** @enum {string} */
                                state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                                since: string;
                                reason: string;
                                suspendedBy: ("user" | "operator") | null;
                                held: string | null;
                                lacks: string | null;
                                prefixes: string[];
                                endpoint: string | null;
                                endpointAt: string | null;
                                publicKey: string | null;
                                updateKey: boolean;
                                node: string | null;
                                expiresAt: string | null;
                                createdAt: string;
                                note: string;
                                point: string | null;
                                waiting: string | null;
                                routers: {
                                    router: string;
                                    /** @enum {string} */
                                    state: "pending" | "served" | "failed" | "ending";
                                    since: string;
                                    reason: string;
                                }[];
                                use: {
                                    rxPackets: number | null;
                                    rxOctets: number;
                                    txPackets: number | null;
                                    txOctets: number;
                                    handshakeAt: string | null;
                                    leaseUntil: string | null;
                                    activeAt: string | null;
                                } | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Apply for a service */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                        device: string;
                        project?: string;
                        site?: string;
                        endpoint?: string;
                        publicKey?: string;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give back what an application gave */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let routers serve an application no more until it is resumed; it keeps its prefixes */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have an application served again that its user had suspended */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default  */
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One application */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/vpn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a VPN device has to be told, its preshared key among it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            point: string;
                            endpoint: string;
                            endpoint4: string | null;
                            port: number;
                            publicKey: string;
                            devicePublicKey: string;
                            presharedKey: string;
                            addresses: string[];
                            mtu: number;
                            resolvers: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/tunnel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the router at a tunnel's far end has to be told */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            point: string;
                            local: string;
                            remote: string;
                            mtu: number;
                            hopLimit: number;
                            delegation: boolean;
                            prefixes: string[];
                            resolvers: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to an application, newest first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            events: {
                                id: number;
                                at: string;
                                who: string;
                                /** @enum {string} */
                                kind: "pool" | "prefix" | "user" | "project" | "service" | "application";
                                subject: string;
                                what: string;
                                detail: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say where the tunnel ends, or the device's public key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        endpoint?: string;
                        publicKey?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a key that updates the endpoint; the one before is void. Told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            key: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time claim with which the device enrols. Told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 86400 */
                        ttlS: number;
                        /** Format: uri */
                        url?: string;
                        /** @default false */
                        again: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: string;
                            token: string;
                            expires: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One application */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/vpn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a VPN device has to be told, its preshared key among it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            point: string;
                            endpoint: string;
                            endpoint4: string | null;
                            port: number;
                            publicKey: string;
                            devicePublicKey: string;
                            presharedKey: string;
                            addresses: string[];
                            mtu: number;
                            resolvers: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/tunnel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the router at a tunnel's far end has to be told */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            point: string;
                            local: string;
                            remote: string;
                            mtu: number;
                            hopLimit: number;
                            delegation: boolean;
                            prefixes: string[];
                            resolvers: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to an application, newest first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            events: {
                                id: number;
                                at: string;
                                who: string;
                                /** @enum {string} */
                                kind: "pool" | "prefix" | "user" | "project" | "service" | "application";
                                subject: string;
                                what: string;
                                detail: unknown;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say where the tunnel ends, or the device's public key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        endpoint?: string;
                        publicKey?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            /** @enum {string} */
                            service: "generic-tunneling" | "srv6-access" | "remote-access-vpn";
                            user: string;
                            project: string | null;
                            device: string;
                            site: string | null;
                            /** @enum {string} */
                            state: "applied" | "approved" | "active" | "suspended" | "refused" | "revoked";
                            since: string;
                            reason: string;
                            suspendedBy: ("user" | "operator") | null;
                            held: string | null;
                            lacks: string | null;
                            prefixes: string[];
                            endpoint: string | null;
                            endpointAt: string | null;
                            publicKey: string | null;
                            updateKey: boolean;
                            node: string | null;
                            expiresAt: string | null;
                            createdAt: string;
                            note: string;
                            point: string | null;
                            waiting: string | null;
                            routers: {
                                router: string;
                                /** @enum {string} */
                                state: "pending" | "served" | "failed" | "ending";
                                since: string;
                                reason: string;
                            }[];
                            use: {
                                rxPackets: number | null;
                                rxOctets: number;
                                txPackets: number | null;
                                txOctets: number;
                                handshakeAt: string | null;
                                leaseUntil: string | null;
                                activeAt: string | null;
                            } | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a key that updates the endpoint; the one before is void. Told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            application: number;
                            key: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/applications/{id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time claim with which the device enrols. Told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 86400 */
                        ttlS: number;
                        /** Format: uri */
                        url?: string;
                        /** @default false */
                        again: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            node: string;
                            token: string;
                            expires: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user's tokens */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            tokens: {
                                name: string;
                                scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                                createdAt: string;
                                createdBy: string;
                                expiresAt: string | null;
                                revokedAt: string | null;
                                lastUsedAt: string | null;
                                /** @description The user whose token it is; null: an operator's */
                                account: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a token for a user; its text is told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        label: string;
                        expiresInS?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                            token: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/tokens/{label}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a user's token good for nothing, at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                    label: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asking user's tokens */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            tokens: {
                                name: string;
                                scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                                createdAt: string;
                                createdBy: string;
                                expiresAt: string | null;
                                revokedAt: string | null;
                                lastUsedAt: string | null;
                                /** @description The user whose token it is; null: an operator's */
                                account: string | null;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        /** Make a token; its text is told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        label: string;
                        expiresInS?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                            token: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/tokens/{label}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make one of the asking user's tokens good for nothing, at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    label: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            createdBy: string;
                            expiresAt: string | null;
                            revokedAt: string | null;
                            lastUsedAt: string | null;
                            /** @description The user whose token it is; null: an operator's */
                            account: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a user signs in, and his open sessions */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user: string;
                            role: ("user" | "read-only" | "operator" | "admin") | null;
                            password: boolean;
                            secondFactor: boolean;
                            passkeys: number;
                            recoveryCodesLeft: number;
                            sessions: number;
                            invitedUntil: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Invite a user to sign in; the invitation is told once. For more than users: admin */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        role?: "user" | "read-only" | "operator" | "admin";
                        /** @default 259200 */
                        ttlS: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            expiresAt: string;
                            invitation: string;
                            url: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/role": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a user who signs in another role; his sessions end */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        role: "user" | "read-only" | "operator" | "admin";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user: string;
                            role: ("user" | "read-only" | "operator" | "admin") | null;
                            password: boolean;
                            secondFactor: boolean;
                            passkeys: number;
                            recoveryCodesLeft: number;
                            sessions: number;
                            invitedUntil: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{name}/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all sessions of a user */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user: string;
                            role: ("user" | "read-only" | "operator" | "admin") | null;
                            password: boolean;
                            secondFactor: boolean;
                            passkeys: number;
                            recoveryCodesLeft: number;
                            sessions: number;
                            invitedUntil: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say where a tunnel ends now, with the tunnel's key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        application: number;
                        key: string;
                        endpoint: string;
                        number?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            endpoint: string;
                            changed: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inventory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Nodes of the fabric as an Ansible inventory */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inventory/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Nodes of the fabric and devices of users as an Ansible inventory */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came of the newest comparison with NetBox */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare with NetBox now, and bring both sides into line */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pools and prefixes as NetBox's API shows them */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take over containers as pools, and what is in them */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        data: unknown;
                        /** @enum {string} */
                        purpose?: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                        /** @default false */
                        dryRun: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: unknown;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have NetBox choose a free prefix, and make a pool of it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        container: string;
                        prefixLength: number;
                        /** @enum {string} */
                        purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                        site?: string;
                        /** @default  */
                        note: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            prefix: string;
                            /** @enum {string} */
                            purpose: "tunnel" | "srv6" | "vpn-address" | "vpn-prefix" | "other";
                            length: number;
                            site: string | null;
                            /** @enum {string} */
                            strategy: "first" | "sparse";
                            quarantineS: number;
                            /** @enum {string} */
                            state: "open" | "closed";
                            note: string;
                            createdAt: string;
                            createdBy: string;
                            utilisation?: {
                                capacity: number;
                                prefixes: {
                                    reserved: number;
                                    active: number;
                                    quarantine: number;
                                    revoked: number;
                                };
                                share: number;
                            };
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/netbox/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** NetBox says that something has changed; signed with the webhook's secret */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            accepted: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/door": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether somebody is signed in here, and who */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            session: {
                                id: string;
                                user: string;
                                /** @enum {string} */
                                role: "user" | "read-only" | "operator" | "admin";
                                /** @enum {string} */
                                secondFactor: "none" | "totp" | "recovery" | "passkey";
                                /** @description The role's rights wait until there is a second factor */
                                wantsSecondFactor: boolean;
                                scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                                createdAt: string;
                                endsAt: string;
                            } | null;
                            provider: string | null;
                            passkeys: boolean;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        user: string;
                        password: string;
                        code?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept an invitation and choose a password */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        invitation: string;
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign out */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in, and what he may */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The asking user's sessions */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            sessions: {
                                id: string;
                                current: boolean;
                                /** @enum {string} */
                                secondFactor: "none" | "totp" | "recovery" | "passkey";
                                createdAt: string;
                                seenAt: string;
                                endsAt: string;
                                address: string;
                                agent: string;
                            }[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/sessions/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End one of the asking user's sessions, at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Choose another password; other sessions end */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current: string;
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a second factor: the secret for an authenticator application, told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            secret: string;
                            uri: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the second factor in force; recovery codes, told once; other sessions end */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            recoveryCodes: string[];
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/totp/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the second factor away; other sessions end */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/once": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep something sealed for who has the link, once; the link is told once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        sealed: string;
                        /** @default 86400 */
                        ttlS: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            link: string;
                            expiresAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/once/open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a one-time link was made for; it is gone afterwards */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        link: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            sealed: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/oidc/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to sign in by the provider */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            url: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/oidc/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the provider said of who came back */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        query?: string;
                        code?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            done: "signed-in" | "linked" | "code-wanted";
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the asking user has linked an identity */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            provider: string | null;
                            since: string | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/oidc/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to link an identity; with the password */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            url: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/oidc/unlink": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the identity open the account no more; with the password */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/sign-in/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to sign in by a passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            challenge: string;
                            rpId: string;
                            timeout: number;
                            /** @enum {string} */
                            userVerification: "required";
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/sign-in/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by what a passkey answered */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        id: string;
                        clientDataJSON: string;
                        authenticatorData: string;
                        signature: string;
                        userHandle: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to make a passkey; with the password */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            challenge: string;
                            rp: {
                                id: string;
                                name: string;
                            };
                            user: {
                                id: string;
                                name: string;
                                displayName: string;
                            };
                            pubKeyCredParams: {
                                alg: number;
                                /** @enum {string} */
                                type: "public-key";
                            }[];
                            timeout: number;
                            excludeCredentials: {
                                id: string;
                                /** @enum {string} */
                                type: "public-key";
                                transports: string[];
                            }[];
                            authenticatorSelection: {
                                /** @enum {string} */
                                residentKey: "required";
                                requireResidentKey: boolean;
                                /** @enum {string} */
                                userVerification: "required";
                            };
                            /** @enum {string} */
                            attestation: "none";
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep the passkey that the browser made; it is a second factor at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        id: string;
                        clientDataJSON: string;
                        attestationObject: string;
                        transports: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/proofs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the asking user proves himself with beside his password */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            totp: boolean;
                            recoveryCodesLeft: number;
                            passkeys: {
                                id: number;
                                name: string;
                                createdAt: string;
                                usedAt: string | null;
                            }[] | null;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/{id}/rename": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Call one of the asking user's passkeys otherwise */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                    };
                };
            };
            responses: {
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/portal/passkeys/{id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take one of the asking user's passkeys away; with the password; other sessions end */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            user: string;
                            /** @enum {string} */
                            role: "user" | "read-only" | "operator" | "admin";
                            /** @enum {string} */
                            secondFactor: "none" | "totp" | "recovery" | "passkey";
                            /** @description The role's rights wait until there is a second factor */
                            wantsSecondFactor: boolean;
                            scopes: ("read" | "steer" | "apply" | "node" | "audit" | "access" | "self" | "dns" | "admin")[];
                            createdAt: string;
                            endsAt: string;
                        };
                    };
                };
                default: components["responses"]["Refused"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: {
        /** @description Default Response */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    error: {
                        code: string;
                        message: string;
                        faults?: {
                            file: string;
                            line: number;
                            column: number;
                            path: string;
                            message: string;
                        }[];
                    };
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
