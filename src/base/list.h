/**
 * Doubly linked lists whose links stand inside the records: nothing is allocated, removal needs no
 * search. A list is a link that is not part of a record; an empty one points at itself.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/check.h"

struct list {
    struct list *next;
    struct list *previous;
};

static inline void list_init(struct list *list)
{
    list->next = list;
    list->previous = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

static inline void list_append(struct list *list, struct list *link)
{
    link->next = list;
    link->previous = list->previous;
    list->previous->next = link;
    list->previous = link;
}

static inline void list_prepend(struct list *list, struct list *link)
{
    link->previous = list;
    link->next = list->next;
    list->next->previous = link;
    list->next = link;
}

/* Afterwards the link is an empty list of its own, so that removing it again is harmless. */
static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

/* The first record's link, still in the list; NULL when the list is empty. */
static inline struct list *list_first(const struct list *list)
{
    return list->next == list ? NULL : list->next;
}

static inline struct list *list_pop(struct list *list)
{
    struct list *link = list_first(list);
    if (link)
        list_remove(link);
    return link;
}

#endif
