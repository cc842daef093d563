/*
 * What happened to an output, as net/ reports it. It never acts on the output itself: output/lifecycle.c does.
 */
#ifndef SLABCAT_EVENT_H
#define SLABCAT_EVENT_H

enum event_kind {
    EVENT_NONE,
    EVENT_CHANGED,   /* it waits for something else now */
    EVENT_CONNECTED, /* it can be written to */
    EVENT_CLOSING,   /* the peer is to close as well */
    EVENT_ARRIVED,   /* the peer has everything */
    EVENT_BROKE,     /* OPERATION failed with ERROR, or with 0 the peer has closed it */
    EVENT_GAVE_UP    /* OPERATION failed with ERROR; it is not tried again */
};

struct event {
    enum event_kind kind;
    const char *operation; /* a constant */
    int error;
};

#endif
