/**
 * Sennit for C++20: owners for what the C interface makes, results instead of error codes, and
 * coroutines that wait for operations.
 *
 *     auto socket = sennit::socket::connected("example.org:80").value();
 *     socket.send("GET / HTTP/1.0\r\n\r\n").value();
 *
 * A header over the C functions and nothing else: what a call does, its errors and who may call it
 * stand in the C header of the same subject. Names of numbers (SN_FAMILY_IPV4, SN_ERROR_TIMED_OUT)
 * are C's. What has no call here is done with the C function on get().
 *
 * Three rules hold throughout:
 * - What can fail returns a sennit::result, which the compiler warns about when nobody looks at it.
 * - An owner can be moved and not copied. One that was moved from, or made empty, holds nothing:
 * its calls give SN_ERROR_ARGUMENT_NULL.
 * - A call whose name ends in _async returns what a coroutine awaits. It starts with the co_await,
 * its operation lives in the coroutine, and the coroutine goes on in the engine's callback. What is
 * handed over by pointer or span has to live until then; end points and texts are copied.
 */
#ifndef SENNIT_HPP
#define SENNIT_HPP

#include <sennit/address.hpp>
#include <sennit/await.hpp>
#include <sennit/clients.hpp>
#include <sennit/engine.hpp>
#include <sennit/names.hpp>
#include <sennit/reader.hpp>
#include <sennit/result.hpp>
#include <sennit/socket.hpp>
#include <sennit/stream.hpp>
#include <sennit/task.hpp>

#endif
