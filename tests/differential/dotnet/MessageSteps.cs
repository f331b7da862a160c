// Datagrams with what the kernel tells of them.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace Differential;

static class MessageSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, Call>> calls)
    {
        calls["receive-message-from"] = ReceiveMessageFrom;
        calls["receive-message-from-buffers"] = ReceiveMessageFromBuffers;
    }

    static string Show(Run run, string name, EndPoint from, SocketFlags flags, IPPacketInformation information)
    {
        run.Senders[name] = from;
        string to = information.Address == null ? "null" : information.Address.ToString();
        return $" from{Output.EndPoint(run, from)} flags {(int)flags} to {to} interface {information.Interface}";
    }

    static Call ReceiveMessageFrom(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string name = step[0].Text;
        byte[] data = TransferSteps.RoomOf(run, step, step[1]);
        SocketFlags flags = Values.Flags(step);
        string All(int count, EndPoint from, SocketFlags noticed, IPPacketInformation information) =>
            TransferSteps.Received(data, count) + Show(run, name, from, noticed, information);
        return new Call
        {
            Blocking = () =>
            {
                SocketFlags noticed = flags;
                EndPoint from = Values.Prototype(socket);
                int count = socket.ReceiveMessageFrom(data, 0, data?.Length ?? 1, ref noticed, ref from, out IPPacketInformation information);
                return "ok" + All(count, from, noticed, information);
            },
            Task = async token =>
            {
                EndPoint from = Values.Prototype(socket);
                SocketReceiveMessageFromResult result = data == null
                    ? await socket.ReceiveMessageFromAsync((ArraySegment<byte>)data, flags, from)
                    : await socket.ReceiveMessageFromAsync(data.AsMemory(), flags, from, token);
                return "ok" + All(result.ReceivedBytes, result.RemoteEndPoint, result.SocketFlags, result.PacketInformation);
            },
            Configure = e => { TransferSteps.SetBuffer(e, data, flags); e.RemoteEndPoint = Values.Prototype(socket); },
            StartEvent = socket.ReceiveMessageFromAsync,
            Show = e => All(e.BytesTransferred, e.RemoteEndPoint, e.SocketFlags, e.ReceiveMessageFromPacketInfo),
        };
    }

    /// Only SocketAsyncEventArgs takes several buffers.
    static Call ReceiveMessageFromBuffers(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        List<ArraySegment<byte>> list = Values.Buffers(step).Select(word => new ArraySegment<byte>(new byte[Values.Number(run, step, word)])).ToList();
        SocketFlags flags = Values.Flags(step);
        return new Call
        {
            Configure = e => { e.BufferList = list; e.SocketFlags = flags; e.RemoteEndPoint = Values.Prototype(socket); },
            StartEvent = socket.ReceiveMessageFromAsync,
            Show = e => TransferSteps.Received(list, e.BytesTransferred) +
                Show(run, step[0].Text, e.RemoteEndPoint, e.SocketFlags, e.ReceiveMessageFromPacketInfo),
        };
    }
}
