#include "support/test.h"

#include "base/base.h"

struct record {
    int number;
    struct list link;
};

static struct record make(int number)
{
    return (struct record){.number = number};
}

/* Reads the list both ways, since a link that is wrong in one direction only hides for long. */
static void check_numbers(const struct list *list, const int *numbers, int count)
{
    const struct list *link = list->next;
    for (int i = 0; i < count; i++, link = link->next)
        assert_int_equal(numbers[i], container_of(link, struct record, link)->number);
    assert_ptr_equal(list, link);
    link = list->previous;
    for (int i = count; i > 0; i--, link = link->previous)
        assert_int_equal(numbers[i - 1], container_of(link, struct record, link)->number);
    assert_ptr_equal(list, link);
}

TEST(a_new_list_is_empty)
{
    struct list list;
    list_init(&list);
    assert_true(list_is_empty(&list));
    assert_null(list_first(&list));
    assert_null(list_pop(&list));
}

TEST(records_stand_in_the_order_they_were_appended_and_prepended)
{
    struct list list;
    struct record a = make(1);
    struct record b = make(2);
    struct record c = make(3);
    list_init(&list);
    list_append(&list, &a.link);
    list_append(&list, &b.link);
    list_prepend(&list, &c.link);
    check_numbers(&list, (int[]){3, 1, 2}, 3);
    assert_false(list_is_empty(&list));
    assert_ptr_equal(&c.link, list_first(&list));
    check_numbers(&list, (int[]){3, 1, 2}, 3);
}

TEST(popping_takes_the_first_record_until_none_is_left)
{
    struct list list;
    struct record a = make(1);
    struct record b = make(2);
    list_init(&list);
    list_append(&list, &a.link);
    list_append(&list, &b.link);
    assert_ptr_equal(&a.link, list_pop(&list));
    assert_true(list_is_empty(&a.link));
    check_numbers(&list, (int[]){2}, 1);
    assert_ptr_equal(&b.link, list_pop(&list));
    assert_null(list_pop(&list));
    assert_true(list_is_empty(&list));
}

TEST(a_record_leaves_from_the_middle_and_may_be_removed_twice)
{
    struct list list;
    struct record records[3] = {make(1), make(2), make(3)};
    list_init(&list);
    for (int i = 0; i < 3; i++)
        list_append(&list, &records[i].link);
    list_remove(&records[1].link);
    list_remove(&records[1].link);
    check_numbers(&list, (int[]){1, 3}, 2);
    list_append(&list, &records[1].link);
    check_numbers(&list, (int[]){1, 3, 2}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_list_is_empty),
        cmocka_unit_test(records_stand_in_the_order_they_were_appended_and_prepended),
        cmocka_unit_test(popping_takes_the_first_record_until_none_is_left),
        cmocka_unit_test(a_record_leaves_from_the_middle_and_may_be_removed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
